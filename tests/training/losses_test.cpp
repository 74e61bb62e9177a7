#include "training/optimizer/losses.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace earmark::training {
namespace {

constexpr int classes = 4;

torch::Tensor some_logits() {
    torch::manual_seed(2);
    return torch::randn({5, classes}) * 2;
}

/// What is put against the probabilities: the label's, or equal ones of noise, and of these again a share for all.
std::vector<double> target(std::int64_t label, double smoothing) {
    std::vector<double> result(classes, label < 0 ? 1.0 / classes : 0.0);
    if (label >= 0) result[label] = 1.0;
    for (double& value : result) value = (1.0 - smoothing) * value + smoothing / classes;
    return result;
}

double cross_entropy(const torch::Tensor& logits, const std::vector<double>& target) {
    double sum = 0.0;
    for (int i = 0; i < classes; ++i) sum += std::exp(logits[i].item<double>());
    double loss = 0.0;
    for (int i = 0; i < classes; ++i) loss -= target[i] * (logits[i].item<double>() - std::log(sum));
    return loss;
}

TEST(Losses, AreThoseOfSmoothedAndMixedTargets) {
    const torch::Tensor logits = some_logits();
    const std::int64_t labels[] = {0, 3, no_genre, 1, no_genre};
    const std::int64_t partners[] = {2, 3, 1, no_genre, no_genre};
    const double shares[] = {0.9, 0.5, 0.75, 0.6, 1.0};
    Batch batch;
    batch.labels = torch::tensor(std::vector<std::int64_t>(labels, labels + 5), torch::kInt64);
    for (const bool mixed : {false, true}) {
        if (mixed) {
            batch.partners = torch::tensor(std::vector<std::int64_t>(partners, partners + 5), torch::kInt64);
            batch.shares = torch::tensor(std::vector<float>(shares, shares + 5));
        }
        for (const double smoothing : {0.0, 0.1}) {
            const torch::Tensor losses = training_losses(logits, batch, smoothing);
            ASSERT_EQ(losses.sizes(), (std::vector<std::int64_t>{5}));
            for (int row = 0; row < 5; ++row) {
                std::vector<double> wanted = target(labels[row], smoothing);
                const std::vector<double> other = target(partners[row], smoothing);
                for (int i = 0; mixed && i < classes; ++i) {
                    wanted[i] = shares[row] * wanted[i] + (1.0 - shares[row]) * other[i];
                }
                EXPECT_NEAR(losses[row].item<double>(), cross_entropy(logits[row], wanted), 1e-5)
                    << row << (mixed ? " mixed " : " ") << smoothing;
            }
        }
    }
}

TEST(Losses, AreExactlyCrossEntropiesWithoutEither) {
    const torch::Tensor logits = some_logits();
    Batch batch;
    batch.labels = torch::tensor({0, 3, -1, 1, 2}, torch::kInt64);
    EXPECT_TRUE(torch::equal(training_losses(logits, batch, 0.0), cross_entropies(logits, batch.labels)));
}

TEST(Losses, AreSharedBetweenLabelsAndATeacher) {
    const torch::Tensor logits = torch::tensor({{0.0F, std::log(3.0F)}, {std::log(4.0F), 0.0F}, {0.0F, 0.0F}});
    Batch batch;
    batch.labels = torch::tensor(std::vector<std::int64_t>{0, 0, no_genre}, torch::kInt64);
    batch.teacher = torch::tensor({{0.9F, 0.1F}, {0.2F, 0.8F}, {1.0F, 0.0F}});
    // Probabilities are 1/4, 3/4 and 4/5, 1/5.
    const double of_labels[] = {std::log(4.0), std::log(1.25)};
    const double of_teacher[] = {0.9 * std::log(4.0) + 0.1 * std::log(4.0 / 3.0),
                                 0.2 * std::log(1.25) + 0.8 * std::log(5.0)};
    for (const double weight : {0.25, 1.0}) {
        const torch::Tensor losses = training_losses(logits, batch, 0.0, weight);
        for (int row = 0; row < 2; ++row) {
            EXPECT_NEAR(losses[row].item<double>(), (1.0 - weight) * of_labels[row] + weight * of_teacher[row], 1e-6);
        }
        EXPECT_NEAR(losses[2].item<double>(), std::log(2.0), 1e-6) << "noise is what it was";
    }
    // The smoothing is the labels' affair.
    const double smoothed = 0.9 * std::log(4.0) + 0.1 * (std::log(4.0) + std::log(4.0 / 3.0)) / 2.0;
    EXPECT_NEAR(training_losses(logits, batch, 0.1, 0.25)[0].item<double>(), 0.75 * smoothed + 0.25 * of_teacher[0],
                1e-6);
}

TEST(Losses, AreAsWithoutATeacherWhoSaysWhatTheLabelsSay) {
    const torch::Tensor logits = some_logits();
    Batch batch;
    batch.labels = torch::tensor({0, 3, 2, 1, 2}, torch::kInt64);
    const torch::Tensor alone = training_losses(logits, batch, 0.0);
    batch.teacher = torch::one_hot(batch.labels, classes).to(torch::kFloat32);
    for (const double weight : {0.3, 1.0}) {
        EXPECT_TRUE(torch::allclose(training_losses(logits, batch, 0.0, weight), alone));
    }
}

}  // namespace
}  // namespace earmark::training
