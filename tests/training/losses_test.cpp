#include "training/losses.hpp"

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

}  // namespace
}  // namespace earmark::training
