#include "inference/layers/softmax.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/error_of.hpp"

namespace earmark::inference {
namespace {

std::vector<float> softmaxed(const std::vector<float>& logits, double temperature) {
    std::vector<float> probabilities(logits.size());
    softmax(logits, temperature, probabilities);
    return probabilities;
}

TEST(Softmax, DividesByTheTemperature) {
    const std::vector<float> p = softmaxed({1.0F, 3.0F, -2.0F}, 2.0);
    const double sum = std::exp(0.5) + std::exp(1.5) + std::exp(-1.0);
    EXPECT_NEAR(p[0], std::exp(0.5) / sum, 1e-7);
    EXPECT_NEAR(p[1], std::exp(1.5) / sum, 1e-7);
    EXPECT_NEAR(p[2], std::exp(-1.0) / sum, 1e-7);
}

TEST(Softmax, KeepsTheOrderAtAnyTemperature) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0.0F, 20.0F);
    for (int i = 0; i < 200; ++i) {
        std::vector<float> logits(10);
        for (float& logit : logits) logit = normal(random);
        const auto best = std::ranges::max_element(logits) - logits.begin();
        double most_confident = 2.0;
        for (const double temperature : {0.05, 0.7, 1.0, 3.0, 20.0}) {
            const std::vector<float> p = softmaxed(logits, temperature);
            EXPECT_EQ(std::ranges::max_element(p) - p.begin(), best);
            EXPECT_LE(p[static_cast<std::size_t>(best)], most_confident);
            most_confident = p[static_cast<std::size_t>(best)];
            for (std::size_t a = 0; a < p.size(); ++a) {
                for (std::size_t b = 0; b < p.size(); ++b) {
                    EXPECT_TRUE(logits[a] <= logits[b] || p[a] >= p[b]) << a << " " << b;
                }
            }
        }
    }
}

TEST(Softmax, TakesHugeLogits) {
    EXPECT_EQ(softmaxed({3e38F, -3e38F}, 0.05), (std::vector<float>{1.0F, 0.0F}));
    EXPECT_EQ(softmaxed({7.0F, 7.0F}, 1e-9), (std::vector<float>{0.5F, 0.5F}));
    for (const float odd : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        EXPECT_TRUE(testing::contains(testing::error_of([&] { softmaxed({0.0F, odd}, 1.0); }), "not finite"));
    }
}

}  // namespace
}  // namespace earmark::inference
