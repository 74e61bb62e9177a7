#include "inference/layers/winograd_convolution.hpp"

#include <gtest/gtest.h>

#include "features/kernels.hpp"
#include "support/images.hpp"

namespace earmark::inference {

using testing::BlockedLayout;
using testing::convolution_of;
using testing::normal_values;

namespace {

/// Calls `use(output place, input place, weight place, filter)` for every product of the convolution.
template <typename Use>
void for_each_product(const model::Layer& layer, std::int64_t batch, const Use& use) {
    const model::Shape& in = layer.input;
    const model::Shape& out = layer.output;
    const testing::BlockedLayout inputs(in, WinogradConvolution::lanes());
    const testing::BlockedLayout outputs(out, WinogradConvolution::lanes());
    for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t filter = 0; filter < out[0]; ++filter)
            for (std::int64_t y = 0; y < out[1]; ++y)
                for (std::int64_t x = 0; x < out[2]; ++x)
                    for (std::int64_t channel = 0; channel < in[0]; ++channel)
                        for (std::int64_t tap = 0; tap < 9; ++tap) {
                            const std::int64_t row = y + tap / 3 - layer.pad_before[0];
                            const std::int64_t column = x + tap % 3 - layer.pad_before[1];
                            if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
                            use(outputs.place(n, filter, y, x), inputs.place(n, channel, row, column),
                                (filter * in[0] + channel) * 9 + tap);
                        }
}

void expect_near(const std::vector<double>& expected, const float* found, const std::string& what) {
    double largest = 0.0;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(found[i], expected[i], 1e-5 * largest) << what << " " << i;
}

class WinogradConvolutionOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~WinogradConvolutionOnEveryInstructionSet() override { features::use_instruction_set("the best"); }

    static void check(const model::Layer& layer, std::string what) {
        ASSERT_TRUE(WinogradConvolution::fits(layer)) << what;
        constexpr std::int64_t batch = 3;
        const std::int64_t inputs = batch * model::element_count(layer.input);
        const std::int64_t outputs = batch * model::element_count(layer.output);
        const std::int64_t weights = layer.output[0] * layer.input[0] * 9;
        const base::AlignedVector<float> input = testing::normal_values(inputs, 1);
        const base::AlignedVector<float> weight = testing::normal_values(weights, 2);
        const base::AlignedVector<float> bias = testing::normal_values(layer.output[0], 3);
        const base::AlignedVector<float> output_gradient = testing::normal_values(outputs, 4);

        std::vector<double> expected(outputs);
        std::vector<double> expected_input(inputs);
        std::vector<double> expected_weight(weights);
        std::vector<double> expected_bias(layer.output[0]);
        for_each_product(layer, batch, [&](std::int64_t out, std::int64_t in, std::int64_t of_weight) {
            expected[out] += static_cast<double>(input[in]) * weight[of_weight];
            expected_input[in] += static_cast<double>(output_gradient[out]) * weight[of_weight];
            expected_weight[of_weight] += static_cast<double>(output_gradient[out]) * input[in];
        });
        const testing::BlockedLayout blocks(layer.output, WinogradConvolution::lanes());
        const std::int64_t plane = layer.output[1] * layer.output[2];
        for (std::int64_t i = 0; i < outputs; ++i) {
            const std::int64_t filter = i / plane % layer.output[0];
            const std::int64_t place = blocks.place(i);
            if (layer.bias) expected[place] += bias[filter];
            if (layer.relu) expected[place] = std::max(expected[place], 0.0);
            expected_bias[filter] += output_gradient[place];
        }

        WinogradConvolution winograd(layer, batch, true, 2);
        base::AlignedVector<float> output(outputs, 7.0F);
        base::AlignedVector<float> input_gradient(inputs, 7.0F);
        std::vector<float> weight_gradient(weights);
        std::vector<float> bias_gradient(layer.output[0]);
        base::AlignedVector<float> tiles(winograd.tile_values(), 7.0F);
        // Twice, since nothing of the first time may be left in the second.
        for (int time = 0; time < 2; ++time) {
            winograd.set_weights(weight.data(), layer.bias ? bias.data() : nullptr);
            winograd.forward(input.data(), output.data(), tiles.data());
            winograd.backward(input.data(), output_gradient.data(), input_gradient.data(), weight_gradient.data(),
                              layer.bias ? bias_gradient.data() : nullptr, tiles.data());
        }
        expect_near(expected, output.data(), what + ": output");
        expect_near(expected_input, input_gradient.data(), what + ": input's gradient");
        expect_near(expected_weight, weight_gradient.data(), what + ": weights' gradient");
        if (layer.bias) expect_near(expected_bias, bias_gradient.data(), what + ": bias' gradient");

        std::vector<float> weight_gradient_alone(weights);
        winograd.backward(input.data(), output_gradient.data(), nullptr, weight_gradient_alone.data(), nullptr,
                          tiles.data());
        EXPECT_EQ(weight_gradient_alone, weight_gradient) << what;
    }
};

TEST_F(WinogradConvolutionOnEveryInstructionSet, IsTheConvolutionForwardAndBackward) {
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        if (WinogradConvolution::lanes() < 8) continue;  // too short for oneDNN's layouts
        const std::string name(set);
        check(testing::convolution_of({16, 9, 13}, 32, 1, 1, false, false), name + ", padded");
        check(testing::convolution_of({16, 6, 10}, 16, 0, 0, true, true), name + ", whole tiles");
        check(testing::convolution_of({48, 3, 4}, 16, 1, 1, true, false), name + ", one tile");
        check(testing::convolution_of({32, 5, 11}, 80, 0, 1, true, true), name + ", padded after");
        // More tiles than are worked on at a time.
        check(testing::convolution_of({16, 61, 50}, 16, 1, 1, false, false), name + ", many tiles");
    }
}

TEST(WinogradConvolution, FitsWhatFillsBlocks) {
    const std::int64_t lanes = WinogradConvolution::lanes();
    EXPECT_FALSE(WinogradConvolution::fits(testing::convolution_of({1, 9, 9}, 16, 1, 1, true, true)));
    EXPECT_FALSE(WinogradConvolution::fits(testing::convolution_of({32, 9, 9}, 33, 1, 1, true, true)));
    model::Layer grouped = testing::convolution_of({32, 9, 9}, 32, 1, 1, true, true);
    EXPECT_EQ(WinogradConvolution::fits(grouped), lanes >= 8);
    grouped.groups = 32;
    EXPECT_FALSE(WinogradConvolution::fits(grouped));
    model::Layer pointwise = testing::convolution_of({32, 9, 9}, 32, 1, 1, true, true);
    pointwise.kernel[0] = pointwise.kernel[1] = 1;
    EXPECT_FALSE(WinogradConvolution::fits(pointwise));
}

}  // namespace
}  // namespace earmark::inference
