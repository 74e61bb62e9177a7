#include "inference/layers/frame_convolution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "features/kernels.hpp"
#include "support/images.hpp"

namespace earmark::inference {
namespace {

model::Layer layer_of(std::int64_t channels, std::int64_t frames, std::int64_t filters, int kernel, int before,
                      int after, bool relu) {
    model::Layer layer;
    layer.kind = model::LayerKind::convolution;
    layer.input = {channels, frames, 1};
    layer.output = {filters, frames + before + after - kernel + 1, 1};
    layer.kernel[0] = kernel;
    layer.pad_before[0] = before;
    layer.pad_after[0] = after;
    layer.relu = relu;
    return layer;
}

class FrameConvolutionOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~FrameConvolutionOnEveryInstructionSet() override { features::use_instruction_set("the best"); }

    static void check(const model::Layer& layer, bool bias, const std::string& what) {
        ASSERT_TRUE(FrameConvolution::fits(layer)) << what;
        constexpr std::int64_t batch = 3;
        const auto [channels, frames, filters] = std::tuple(layer.input[0], layer.output[1], layer.output[0]);
        const std::int64_t kernel = layer.kernel[0];
        const auto input = testing::normal_values(batch * channels * layer.input[1], 1);
        const auto weight = testing::normal_values(filters * channels * kernel, 2);
        const auto biases = testing::normal_values(filters, 3);
        FrameConvolution convolution(layer, batch, 2);
        base::AlignedVector<float> output(batch * frames * filters, 7.0F);
        // Twice, since nothing of the first time may be left in the second.
        for (int time = 0; time < 2; ++time) {
            convolution.set_weights(weight.data(), bias ? biases.data() : nullptr);
            convolution.forward(input.data(), output.data());
        }
        for (std::int64_t n = 0; n < batch; ++n)
            for (std::int64_t t = 0; t < frames; ++t)
                for (std::int64_t f = 0; f < filters; ++f) {
                    double sum = bias ? biases[f] : 0.0F;
                    for (std::int64_t k = 0; k < kernel; ++k) {
                        const std::int64_t row = t + k - layer.pad_before[0];
                        if (row < 0 || row >= layer.input[1]) continue;
                        for (std::int64_t c = 0; c < channels; ++c)
                            sum += static_cast<double>(weight[(f * channels + c) * kernel + k]) *
                                   input[(n * layer.input[1] + row) * channels + c];
                    }
                    if (layer.relu) sum = std::max(sum, 0.0);
                    ASSERT_NEAR(output[(n * frames + t) * filters + f], sum,
                                1e-5 * std::sqrt(static_cast<double>(channels * kernel)))
                        << what << ": example " << n << " frame " << t << " filter " << f;
                }
    }
};

TEST_F(FrameConvolutionOnEveryInstructionSet, IsTheConvolution) {
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        const std::string name(set);
        check(layer_of(64, 40, 64, 7, 3, 3, true), true, name + ", padded");
        check(layer_of(91, 25, 33, 4, 1, 2, false), false, name + ", odd sizes");
        check(layer_of(5, 3, 1, 2, 0, 0, true), true, name + ", small");
        check(layer_of(20, 6, 70, 9, 4, 4, true), true, name + ", a kernel longer than the input");
    }
}

TEST(FrameConvolution, FitsNothingElse) {
    const auto fits = [](const auto& change) {
        model::Layer layer = layer_of(8, 9, 8, 3, 1, 1, true);
        change(layer);
        return FrameConvolution::fits(layer);
    };
    EXPECT_TRUE(fits([](model::Layer&) {}));
    EXPECT_FALSE(fits([](model::Layer& layer) { layer.groups = 8; }));
    EXPECT_FALSE(fits([](model::Layer& layer) { layer.stride[0] = 2; }));
    EXPECT_FALSE(fits([](model::Layer& layer) { layer.input[2] = 2; }));
    EXPECT_FALSE(fits([](model::Layer& layer) { layer.kernel[0] = 1; }));
    EXPECT_FALSE(fits([](model::Layer& layer) { layer.kernel[1] = 2; }));
}

}  // namespace
}  // namespace earmark::inference
