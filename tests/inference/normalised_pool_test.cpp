#include "inference/layers/normalised_pool.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include "features/kernels.hpp"
#include "model/network_spec.hpp"
#include "support/images.hpp"

namespace earmark::inference {

using testing::BlockedLayout;
using testing::normal_values;

namespace {

struct Images {
    std::int64_t batch;
    std::int64_t channels;
    std::int64_t rows;
    std::int64_t columns;

    std::int64_t size() const { return batch * channels * rows * columns; }
    std::int64_t at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const {
        return ((n * channels + c) * rows + y) * columns + x;
    }
};

std::vector<double> random_values(std::int64_t count, unsigned seed) {
    const base::AlignedVector<float> values = testing::normal_values(count, seed);
    return {values.begin(), values.end()};
}

testing::BlockedLayout layout_of(const Images& images) {
    return {{images.channels, images.rows, images.columns}, NormalisedPool::lanes()};
}

/// From batch × channels × rows × columns to blocks of channels, and back.
base::AlignedVector<float> to_blocks(const Images& images, const std::vector<double>& values) {
    const testing::BlockedLayout layout = layout_of(images);
    base::AlignedVector<float> result(layout.size(images.batch));
    for (std::int64_t i = 0; i < images.size() && !values.empty(); ++i)
        result[layout.place(i)] = static_cast<float>(values[i]);
    return result;
}
std::vector<double> from_blocks(const Images& images, const base::AlignedVector<float>& values) {
    const testing::BlockedLayout layout = layout_of(images);
    std::vector<double> result;
    for (std::int64_t i = 0; i < images.size(); ++i) result.push_back(values[layout.place(i)]);
    return result;
}

/// All of it in plain loops: batch norm, ReLU, the largest of 2 × 2.
std::vector<double> expected_output(const Images& in, const Images& out, const std::vector<double>& input,
                                    const std::vector<double>& scale, const std::vector<double>& shift,
                                    double epsilon) {
    std::vector<double> result(out.size());
    for (std::int64_t c = 0; c < in.channels; ++c) {
        const auto for_each = [&](const auto& use) {
            for (std::int64_t n = 0; n < in.batch; ++n)
                for (std::int64_t y = 0; y < in.rows; ++y)
                    for (std::int64_t x = 0; x < in.columns; ++x) use(n, y, x, input[in.at(n, c, y, x)]);
        };
        const double count = static_cast<double>(in.batch * in.rows * in.columns);
        double mean = 0.0;
        double variance = 0.0;
        for_each([&](auto, auto, auto, double value) { mean += value / count; });
        for_each([&](auto, auto, auto, double value) { variance += (value - mean) * (value - mean) / count; });
        for_each([&](std::int64_t n, std::int64_t y, std::int64_t x, double value) {
            if (y / 2 >= out.rows || x / 2 >= out.columns) return;
            double& best = result[out.at(n, c, y / 2, x / 2)];
            best = std::max(best, scale[c] * (value - mean) / std::sqrt(variance + epsilon) + shift[c]);
        });
    }
    return result;
}

class NormalisedPoolOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~NormalisedPoolOnEveryInstructionSet() override { features::use_instruction_set("the best"); }
};

TEST_F(NormalisedPoolOnEveryInstructionSet, IsBothLayersForwardAndBackward) {
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        for (const std::int64_t channels : {16, 5, 20}) {
            const auto layers =
                model::NetworkSpec::parse({"vgg", R"({"filters": [)" + std::to_string(channels) + "]}"}, "test")
                    .build_layers(7, 10, 10, "test");
            const model::Layer& norm = layers[2];
            const model::Layer& pool = layers[3];
            ASSERT_TRUE(NormalisedPool::fits(norm, pool));
            const Images in{3, channels, 7, 10};
            const Images out{3, channels, 3, 5};
            std::vector<double> input = random_values(in.size(), 1);
            const std::vector<double> factors = random_values(out.size(), 2);
            std::vector<double> scale = random_values(channels, 3);
            std::vector<double> shift = random_values(channels, 4);
            const std::vector<float> scales(scale.begin(), scale.end());
            const std::vector<float> shifts(shift.begin(), shift.end());

            NormalisedPool both(norm, pool, in.batch, 2);
            std::vector<float> mean(channels);
            std::vector<float> variance(channels);
            const base::AlignedVector<float> blocks = to_blocks(in, input);
            base::AlignedVector<float> output = to_blocks(out, {});
            base::AlignedVector<float> input_gradient = to_blocks(in, {});
            std::vector<float> scale_gradient(channels);
            std::vector<float> shift_gradient(channels);
            // Twice, since nothing of the first time may be left in the second.
            for (int time = 0; time < 2; ++time) {
                both.forward(blocks.data(), scales.data(), shifts.data(), mean.data(), variance.data(), output.data());
                both.backward(blocks.data(), scales.data(), to_blocks(out, factors).data(), input_gradient.data(),
                              scale_gradient.data(), shift_gradient.data());
            }
            const auto expected = expected_output(in, out, input, scale, shift, norm.epsilon);
            const auto found = from_blocks(out, output);
            for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-5) << set;

            // Central differences of the sum of factor · output.
            const auto slope = [&](double& value) {
                constexpr double step = 1e-6;
                const double before = value;
                double sums[2] = {};
                for (const int sign : {-1, 1}) {
                    value = before + sign * step;
                    const auto results = expected_output(in, out, input, scale, shift, norm.epsilon);
                    for (std::size_t i = 0; i < results.size(); ++i) sums[sign == 1] += factors[i] * results[i];
                }
                value = before;
                return (sums[1] - sums[0]) / (2.0 * step);
            };
            for (std::int64_t c = 0; c < channels; ++c) {
                EXPECT_NEAR(scale_gradient[c], slope(scale[c]), 1e-4) << set;
                EXPECT_NEAR(shift_gradient[c], slope(shift[c]), 1e-4) << set;
            }
            const auto gradients = from_blocks(in, input_gradient);
            for (std::int64_t i = 0; i < in.size(); i += 17) EXPECT_NEAR(gradients[i], slope(input[i]), 1e-4) << set;
        }
    }
}

}  // namespace
}  // namespace earmark::inference
