// Adam's kernel with every instruction set, by its definition.
#include "training/optimizer/adam_kernel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "features/kernels.hpp"

namespace earmark::training {
namespace {

class AdamKernelOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~AdamKernelOnEveryInstructionSet() override { features::use_instruction_set("the best"); }

    std::vector<float> numbers(std::size_t count, float low, float high) {
        std::uniform_real_distribution<float> even(low, high);
        std::vector<float> result(count + 1, 99.0F);  // the last one stands behind the end
        for (std::size_t i = 0; i < count; ++i) result[i] = even(random_);
        return result;
    }

  private:
    std::mt19937 random_{5};
};

TEST_F(AdamKernelOnEveryInstructionSet, TakesTheStepAndDecaysTheWeights) {
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        for (const std::size_t count : {0U, 1U, 3U, 16U, 37U}) {
            for (const float kept : {1.0F, 0.9F}) {
                const std::vector<float> value = numbers(count, -1, 1);
                const std::vector<float> gradient = numbers(count, -0.1F, 0.1F);
                const std::vector<float> first = numbers(count, -0.1F, 0.1F);
                const std::vector<float> second = numbers(count, 1e-6F, 1e-2F);
                std::vector<float> values = value;
                std::vector<float> firsts = first;
                std::vector<float> seconds = second;
                run({values.data(), gradient.data(), firsts.data(), seconds.data(), static_cast<std::int64_t>(count),
                     0.01F, 0.02F, kept});
                for (std::size_t i = 0; i < count; ++i) {
                    const double slope = gradient[i] + 0.02 * value[i];
                    const double m = 0.9 * first[i] + 0.1 * slope;
                    const double v = 0.999 * second[i] + 0.001 * slope * slope;
                    ASSERT_NEAR(firsts[i], m, 1e-6) << set;
                    ASSERT_NEAR(seconds[i], v, 1e-8) << set;
                    ASSERT_NEAR(values[i], kept * value[i] - 0.01 * m / (std::sqrt(v) + 1e-7), 1e-5) << set;
                }
                EXPECT_EQ(values[count], 99.0F) << set << ": written behind the end of " << count;
            }
        }
    }
}

}  // namespace
}  // namespace earmark::training
