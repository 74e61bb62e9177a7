#include "inference/layers/pooled_convolution.hpp"

#include <gtest/gtest.h>

#include "features/kernels.hpp"
#include "model/network_spec.hpp"
#include "support/images.hpp"

namespace earmark::inference {

using testing::BlockedLayout;
using testing::normal_values;

namespace {

/// The first two layers of the cnn: the convolution and its pool.
std::pair<model::Layer, model::Layer> first_layers(std::int64_t frames, std::int64_t width, std::int64_t filters) {
    const auto layers = model::NetworkSpec::parse({"cnn", R"({"filters": )" + std::to_string(filters) + "}"}, "test")
                            .build_layers(frames, width, 10, "test");
    return {layers[1], layers[2]};
}

/// What both layers yield, batch × filters × rows × columns, and the gradients of the sum of factor · output, in plain
/// loops.
struct Expected {
    std::vector<double> output;
    std::vector<double> weight;
    std::vector<double> bias;

    Expected(const model::Layer& convolution, const model::Layer& pool, std::int64_t batch,
             const base::AlignedVector<float>& weights, const base::AlignedVector<float>& biases,
             const base::AlignedVector<float>& input, const base::AlignedVector<float>& factors)
        : weight(weights.size()), bias(biases.size()) {
        const std::int64_t columns = convolution.input[2];
        for (std::int64_t n = 0; n < batch; ++n)
            for (std::int64_t f = 0; f < pool.output[0]; ++f)
                for (std::int64_t y = 0; y < pool.output[1]; ++y)
                    for (std::int64_t x = 0; x < pool.output[2]; ++x) {
                        const float* image = input.data() + n * convolution.input[1] * columns;
                        double best = 0.0;
                        const float* winner = nullptr;
                        for (int r = 0; r < pool.kernel[0]; ++r)
                            for (int c = 0; c < pool.kernel[1]; ++c) {
                                const std::int64_t row = y * pool.stride[0] - pool.pad_before[0] + r;
                                const std::int64_t column = x * pool.stride[1] - pool.pad_before[1] + c;
                                if (row < 0 || row >= pool.input[1] || column < 0 || column >= pool.input[2]) continue;
                                const float* corner = image + row * columns + column;
                                double sum = biases[f];
                                for (int k = 0; k < 9; ++k)
                                    sum += static_cast<double>(weights[f * 9 + k]) * corner[k / 3 * columns + k % 3];
                                if (sum > best) {
                                    best = sum;
                                    winner = corner;
                                }
                            }
                        const double factor = factors[output.size()];
                        output.push_back(best);
                        if (winner == nullptr) continue;
                        bias[f] += factor;
                        for (int k = 0; k < 9; ++k) weight[f * 9 + k] += factor * winner[k / 3 * columns + k % 3];
                    }
    }
};

class PooledConvolutionOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~PooledConvolutionOnEveryInstructionSet() override { features::use_instruction_set("the best"); }
};

TEST_F(PooledConvolutionOnEveryInstructionSet, IsBothLayersForwardAndBackward) {
    int tried = 0;
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        for (const std::int64_t filters : {32, 20, 3}) {
            const auto [convolution, pool] = first_layers(21, 13, filters);
            if (!PooledConvolution::fits(convolution, pool)) continue;  // its vectors do not suit oneDNN's layouts
            ++tried;
            constexpr std::int64_t batch = 5;
            const auto weights = testing::normal_values(filters * 9, 1);
            const auto biases = testing::normal_values(filters, 2);
            const auto input = testing::normal_values(batch * 21 * 13, 3);
            const std::int64_t plane = pool.output[1] * pool.output[2];
            const auto factors = testing::normal_values(batch * filters * plane, 4);
            const Expected expected(convolution, pool, batch, weights, biases, input, factors);

            const testing::BlockedLayout blocks(pool.output, PooledConvolution::lanes());
            base::AlignedVector<float> output(blocks.size(batch));
            base::AlignedVector<float> gradient(output.size());
            PooledConvolution both(convolution, pool, batch, true, 2);
            both.set_weights(weights.data(), biases.data());
            both.forward(input.data(), output.data());
            for (std::int64_t i = 0; i < batch * filters * plane; ++i) {
                const std::int64_t at = blocks.place(i);
                ASSERT_NEAR(output[at], expected.output[i], 1e-5) << set << " " << filters;
                gradient[at] = factors[i];
            }
            std::vector<float> weight(weights.size());
            std::vector<float> bias(biases.size());
            // Twice, since nothing of the first time may be left in the second.
            for (int time = 0; time < 2; ++time)
                both.backward(input.data(), gradient.data(), weight.data(), bias.data());
            for (std::size_t i = 0; i < weight.size(); ++i) EXPECT_NEAR(weight[i], expected.weight[i], 1e-3) << set;
            for (std::size_t i = 0; i < bias.size(); ++i) EXPECT_NEAR(bias[i], expected.bias[i], 1e-3) << set;
        }
    }
    if (tried == 0) GTEST_SKIP() << "no instruction set here has vectors of 8 or 16 floats";
}

}  // namespace
}  // namespace earmark::inference
