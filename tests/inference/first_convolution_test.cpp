#include "inference/layers/first_convolution.hpp"

#include <gtest/gtest.h>

#include "features/kernels.hpp"
#include "support/images.hpp"

namespace earmark::inference {

using testing::BlockedLayout;
using testing::convolution_of;
using testing::normal_values;

namespace {

class FirstConvolutionOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~FirstConvolutionOnEveryInstructionSet() override { features::use_instruction_set("the best"); }
};

TEST_F(FirstConvolutionOnEveryInstructionSet, GivesTheGradientOfTheWeights) {
    int tried = 0;
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        for (const auto& [before, after] : {std::pair{1, 1}, std::pair{0, 0}, std::pair{0, 1}}) {
            const model::Layer layer = testing::convolution_of({1, 7, 10}, 32, before, after, false, false);
            if (!FirstConvolution::fits(layer)) continue;  // its vectors do not suit oneDNN's layouts
            ++tried;
            constexpr std::int64_t batch = 5;
            const std::int64_t plane = layer.output[1] * layer.output[2];
            const testing::BlockedLayout blocks(layer.output, FirstConvolution::lanes());
            const base::AlignedVector<float> input = testing::normal_values(batch * 7 * 10, 1);
            const base::AlignedVector<float> gradient = testing::normal_values(batch * 32 * plane, 2);
            std::vector<double> expected(std::size_t{32} * 9);
            for (std::int64_t i = 0; i < batch * 32 * plane; ++i) {
                const std::int64_t n = i / plane / 32;
                const std::int64_t filter = i / plane % 32;
                for (std::int64_t tap = 0; tap < 9; ++tap) {
                    const std::int64_t row = i % plane / layer.output[2] + tap / 3 - before;
                    const std::int64_t column = i % layer.output[2] + tap % 3 - before;
                    if (row < 0 || row >= 7 || column < 0 || column >= 10) continue;
                    expected[filter * 9 + tap] +=
                        static_cast<double>(gradient[blocks.place(i)]) * input[(n * 7 + row) * 10 + column];
                }
            }
            FirstConvolution first(layer, batch, 2);
            std::vector<float> weight(expected.size());
            // Twice, since nothing of the first time may be left in the second.
            for (int time = 0; time < 2; ++time) first.backward(input.data(), gradient.data(), weight.data());
            for (std::size_t i = 0; i < weight.size(); ++i)
                EXPECT_NEAR(weight[i], expected[i], 1e-4) << set << " " << i;
        }
    }
    if (tried == 0) GTEST_SKIP() << "no instruction set here has vectors of 8 or 16 floats";
}

}  // namespace
}  // namespace earmark::inference
