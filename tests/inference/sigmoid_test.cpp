#include "inference/layers/sigmoid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "inference/plan/network.hpp"
#include "model/ensemble.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"

namespace earmark::inference {
namespace {

using testing::contains;
using testing::error_of;
using testing::random_mfccs;
using testing::random_model;

TEST(Sigmoid, TakesEachLogitForItself) {
    const std::vector<float> logits{0.0F, 2.0F, -2.0F, 200.0F, -200.0F};
    std::vector<float> p(logits.size());
    sigmoid(logits, 1.0, p);
    EXPECT_FLOAT_EQ(p[0], 0.5F);
    EXPECT_FLOAT_EQ(p[1], static_cast<float>(1.0 / (1.0 + std::exp(-2.0))));
    EXPECT_FLOAT_EQ(p[1] + p[2], 1.0F);
    EXPECT_EQ(p[3], 1.0F);
    EXPECT_GE(p[4], 0.0F);
    sigmoid(logits, 2.0, p);
    EXPECT_FLOAT_EQ(p[1], static_cast<float>(1.0 / (1.0 + std::exp(-1.0))));
}

TEST(Sigmoid, RefusesWhatIsNotFinite) {
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
        std::vector<float> p(2);
        EXPECT_TRUE(contains(error_of([&] { sigmoid(std::vector<float>{0.0F, bad}, 1.0, p); }), "internal"));
    }
}

Model many_labels(std::uint64_t seed) {
    Model model = random_model("cnn", "{}", 77, seed, 4);
    model.activation = Activation::sigmoid;
    return model;
}

TEST(SigmoidNetwork, GivesProbabilitiesOfItsLogits) {
    Model model = many_labels(1);
    model.calibration.temperature = 1.5;
    const std::vector<float> inputs = random_mfccs(3, 77, 2);
    Network network(model);
    std::vector<float> logits(12);
    std::vector<float> p(12);
    network.logits(inputs, logits);
    network.forward(inputs, p);
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], 1.0 / (1.0 + std::exp(-logits[i] / 1.5)), 1e-6);
}

TEST(SigmoidNetwork, MeansTheProbabilitiesOfAnEnsemble) {
    std::vector<Model> models;
    models.push_back(many_labels(1));
    models.push_back(many_labels(2));
    const Model both = model::combine(models, "both");
    const std::vector<float> inputs = random_mfccs(2, 77, 3);
    std::vector<float> one(8);
    std::vector<float> two(8);
    std::vector<float> mean(8);
    std::vector<float> logits(8);
    Network(models[0]).forward(inputs, one);
    Network(models[1]).forward(inputs, two);
    Network network(both);
    network.forward(inputs, mean);
    network.logits(inputs, logits);
    for (std::size_t i = 0; i < mean.size(); ++i) {
        EXPECT_NEAR(mean[i], 0.5F * (one[i] + two[i]), 1e-6F);
        EXPECT_NEAR(1.0 / (1.0 + std::exp(-logits[i])), mean[i], 1e-6);
    }
}

}  // namespace
}  // namespace earmark::inference
