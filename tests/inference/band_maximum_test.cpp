#include "inference/layers/band_maximum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "features/kernels.hpp"
#include "support/images.hpp"

namespace earmark::inference {
namespace {

/// A convolution, its norm and the maximum over all coefficients that are left.
struct Layers {
    model::Layer convolution;
    model::Layer norm;
    model::Layer pool;

    /// @param kernel  frames and coefficients
    /// @param pad     frames of zeros before and after
    Layers(std::int64_t frames, std::int64_t coefficients, std::int64_t filters, std::array<int, 2> kernel,
           std::array<int, 2> pad) {
        convolution.kind = model::LayerKind::convolution;
        convolution.relu = true;
        convolution.input = {1, frames, coefficients};
        convolution.output = {filters, frames + pad[0] + pad[1] - kernel[0] + 1, coefficients - kernel[1] + 1};
        convolution.kernel[0] = kernel[0];
        convolution.kernel[1] = kernel[1];
        convolution.pad_before[0] = pad[0];
        convolution.pad_after[0] = pad[1];
        norm.kind = model::LayerKind::batch_norm;
        norm.epsilon = 1e-3;
        norm.input = norm.output = convolution.output;
        pool.kind = model::LayerKind::max_pool;
        pool.input = convolution.output;
        pool.output = {filters, convolution.output[1], 1};
        pool.kernel[1] = pool.stride[1] = static_cast<int>(convolution.output[2]);
    }
};

class BandMaximumOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~BandMaximumOnEveryInstructionSet() override { features::use_instruction_set("the best"); }

    static void check(const Layers& layers, const std::string& what) {
        const auto& [convolution, norm, pool] = layers;
        ASSERT_TRUE(BandMaximum::fits(convolution, norm, pool)) << what;
        constexpr std::int64_t batch = 2;
        const std::int64_t filters = convolution.output[0];
        const std::int64_t taps = convolution.kernel[0] * convolution.kernel[1];
        const auto input = testing::normal_values(batch * model::element_count(convolution.input), 1);
        const auto weight = testing::normal_values(filters * taps, 2);
        const auto bias = testing::normal_values(filters, 3);
        const auto scale = testing::normal_values(filters, 4);  // of either sign
        const auto shift = testing::normal_values(filters, 5);
        const auto mean = testing::normal_values(filters, 6);
        auto variance = testing::normal_values(filters, 7);
        for (float& value : variance) value = value * value + 0.1F;

        BandMaximum all(convolution, norm.epsilon, batch, 2);
        base::AlignedVector<float> output(batch * model::element_count(pool.output), 7.0F);
        // Twice, since nothing of the first time may be left in the second.
        for (int time = 0; time < 2; ++time) {
            all.set_weights({weight.data(), bias.data(), scale.data(), shift.data(), mean.data(), variance.data()});
            all.forward(input.data(), output.data());
        }

        const model::Shape& in = convolution.input;
        const model::Shape& out = convolution.output;
        for (std::int64_t n = 0; n < batch; ++n)
            for (std::int64_t t = 0; t < out[1]; ++t)
                for (std::int64_t f = 0; f < filters; ++f) {
                    double largest = -std::numeric_limits<double>::infinity();
                    for (std::int64_t c = 0; c < out[2]; ++c) {
                        double sum = bias[f];
                        for (std::int64_t k = 0; k < taps; ++k) {
                            const std::int64_t row = t + k / convolution.kernel[1] - convolution.pad_before[0];
                            if (row < 0 || row >= in[1]) continue;
                            sum += static_cast<double>(weight[f * taps + k]) *
                                   input[(n * in[1] + row) * in[2] + c + k % convolution.kernel[1]];
                        }
                        const double normed = (std::max(sum, 0.0) - mean[f]) / std::sqrt(variance[f] + norm.epsilon);
                        largest = std::max(largest, normed * scale[f] + shift[f]);
                    }
                    const float found = output[(n * out[1] + t) * filters + f];
                    ASSERT_NEAR(found, largest, 1e-5 * std::sqrt(static_cast<double>(taps)) * (1.0 + std::abs(largest)))
                        << what << ": example " << n << " frame " << t << " filter " << f;
                }
    }
};

TEST_F(BandMaximumOnEveryInstructionSet, IsTheThreeLayers) {
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        const std::string name(set);
        check({9, 96, 40, {7, 38}, {3, 3}}, name + ", timbre");
        check({6, 96, 70, {7, 67}, {3, 3}}, name + ", wide timbre");
        check({17, 13, 5, {7, 5}, {3, 3}}, name + ", few coefficients");
        check({9, 64, 33, {3, 2}, {0, 0}}, name + ", a power of two, nearly all outputs");
        check({8, 100, 3, {1, 30}, {0, 0}}, name + ", a transform with room");
        check({5, 24, 9, {7, 24}, {3, 3}}, name + ", one output");
        check({61, 96, 5, {23, 1}, {11, 11}}, name + ", time");
        check({187, 20, 3, {128, 1}, {63, 64}}, name + ", a long time");
        check({20, 13, 6, {64, 1}, {31, 32}}, name + ", a kernel longer than the input");
        check({100, 9, 2, {30, 1}, {0, 0}}, name + ", long, without padding");
        check({490, 5, 2, {64, 1}, {31, 32}}, name + ", too long to be transformed");
        check({23, 7, 1, {5, 1}, {0, 0}}, name + ", no padding");
    }
}

TEST(BandMaximum, FitsNothingElse) {
    const auto fits = [](const auto& change) {
        Layers layers(9, 16, 8, {3, 5}, {1, 1});
        change(layers);
        return BandMaximum::fits(layers.convolution, layers.norm, layers.pool);
    };
    EXPECT_TRUE(fits([](Layers&) {}));
    EXPECT_FALSE(fits([](Layers& l) { l.convolution.input[0] = 2; }));
    EXPECT_FALSE(fits([](Layers& l) { l.convolution.relu = false; }));
    EXPECT_FALSE(fits([](Layers& l) { l.convolution.stride[0] = 2; }));
    EXPECT_FALSE(fits([](Layers& l) { l.convolution.pad_after[1] = 1; }));
    EXPECT_FALSE(fits([](Layers& l) { l.norm.relu = true; }));
    EXPECT_FALSE(fits([](Layers& l) { l.pool.kernel[1] = 6; }));
    EXPECT_FALSE(fits([](Layers& l) { l.convolution.input[2] = 800; }));
}

}  // namespace
}  // namespace earmark::inference
