// Tracks of which any number of labels may hold: their loss, its gradients, and what is learned.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "dataset/split.hpp"
#include "logmel_store.hpp"
#include "quick_training.hpp"
#include "support/error_of.hpp"
#include "training/data/label_counts.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/losses.hpp"
#include "training/trainer.hpp"

namespace earmark::training {
namespace {

using testing::contains;
using testing::error_of;

constexpr int labels = 3;

double binary(double logit, double target, double weight = 1.0) {
    const double p = 1.0 / (1.0 + std::exp(-logit));
    return -(weight * target * std::log(p) + (1.0 - target) * std::log(1.0 - p));
}

Batch some_batch() {
    Batch batch;
    batch.labels = torch::tensor({0, 0, static_cast<int>(no_genre)}, torch::kInt64);
    batch.holds = torch::tensor({{1.0F, 0.0F, 1.0F}, {0.0F, 0.3F, 0.0F}, {0.0F, 0.0F, 0.0F}});
    return batch;
}

TEST(ManyLabelLosses, AreBinaryCrossEntropiesOfSmoothedTargets) {
    torch::manual_seed(2);
    const torch::Tensor logits = torch::randn({3, labels}) * 2;
    const Batch batch = some_batch();
    const torch::Tensor weights = torch::tensor({1.0F, 4.0F, 0.5F});
    for (const double smoothing : {0.0, 0.1}) {
        for (const bool weighted : {false, true}) {
            const torch::Tensor losses =
                training_losses(logits, batch, smoothing, 0.0, weighted ? weights : torch::Tensor());
            ASSERT_EQ(losses.sizes(), (std::vector<std::int64_t>{3}));
            for (int row = 0; row < 3; ++row) {
                double wanted = 0.0;
                for (int k = 0; k < labels; ++k) {
                    const double target = batch.holds[row][k].item<double>() * (1.0 - smoothing) + smoothing / 2.0;
                    wanted += binary(logits[row][k].item<double>(), target, weighted ? weights[k].item<double>() : 1.0);
                }
                EXPECT_NEAR(losses[row].item<double>(), wanted / labels, 1e-6) << row << " " << smoothing;
            }
        }
    }
}

TEST(ManyLabelLosses, AreSharedWithATeacherButOfNoise) {
    const torch::Tensor logits = torch::tensor({{0.5F, -1.0F, 2.0F}, {0.0F, 1.0F, -2.0F}, {1.0F, 1.0F, 1.0F}});
    Batch batch = some_batch();
    batch.teacher = torch::tensor({{0.9F, 0.2F, 0.6F}, {0.1F, 0.8F, 0.5F}, {0.9F, 0.9F, 0.9F}});
    const torch::Tensor losses = training_losses(logits, batch, 0.0, 0.25);
    const torch::Tensor alone = binary_cross_entropies(logits, batch.holds);
    const torch::Tensor taught = binary_cross_entropies(logits, batch.teacher);
    for (int row = 0; row < 2; ++row) {
        EXPECT_NEAR(losses[row].item<double>(), 0.75 * alone[row].item<double>() + 0.25 * taught[row].item<double>(),
                    1e-6);
    }
    EXPECT_NEAR(losses[2].item<double>(), alone[2].item<double>(), 1e-6);
}

TEST(ManyLabelLosses, StayFiniteForLargeLogitsAndHaveTheSigmoidsGradient) {
    torch::Tensor logits = torch::tensor({{200.0F, -200.0F, 0.7F}}).requires_grad_();
    const torch::Tensor holds = torch::tensor({{0.0F, 1.0F, 1.0F}});
    const torch::Tensor loss = binary_cross_entropies(logits, holds).sum();
    EXPECT_NEAR(loss.item<double>(), (200.0 + 200.0 + binary(0.7, 1.0)) / 3.0, 1e-4);
    loss.backward();
    const torch::Tensor expected = (torch::sigmoid(logits.detach()) - holds) / 3.0;
    EXPECT_LE((logits.grad() - expected).abs().max().item<double>(), 1e-6);
}

TEST(ManyLabelLosses, HaveTheSameGradientsOnBothBackEnds) {
    torch::manual_seed(11);
    const torch::Tensor inputs = torch::randn({5, 40, 24});
    const torch::Tensor holds = torch::rand({5, labels}).gt(0.5).to(torch::kFloat32);
    for (const auto& [network, options] : {std::pair{"mlp", R"({"hidden": [], "dropout": 0.0})"},
                                           {"mlp", R"({"hidden": [16], "dropout": 0.0})"},
                                           {"cnn", R"({"dropout": 0.0})"}}) {
        const auto layers = model::NetworkSpec::parse({network, options}, "test").build_layers(40, 24, labels, "test");
        TorchNetwork ours(layers, torch::kCPU, Backend::onednn);
        TorchNetwork theirs(layers, torch::kCPU, Backend::aten);
        torch::manual_seed(3);
        ours.initialise();
        theirs.load(ours.tensors());
        for (TorchNetwork* each : {&ours, &theirs})
            binary_cross_entropies(each->forward(inputs, true), holds).mean().backward();
        for (const auto& [name, parameter] : ours.parameters().tensors()) {
            const torch::Tensor expected = theirs.parameters().tensors().at(name).grad();
            EXPECT_LE((parameter.grad() - expected).norm().item<double>(), 1e-4 * expected.norm().item<double>() + 1e-7)
                << network << " " << options << " " << name;
        }
    }
}

/// The store of logmel_store, with the labels "bands" and "striped": pictures of no label, of one and of both.
dataset::FeatureStore striped_store() {
    dataset::FeatureStore store = testing::logmel_store(12);
    store.labels = {"bands", "striped"};
    store.labelling = {true, LabelGroup::mood};
    for (dataset::StoredTrack& track : store.tracks) {
        track.holds = {static_cast<std::uint8_t>(track.label == 0), static_cast<std::uint8_t>(track.label != 2)};
        track.label = 0;
    }
    return store;
}

const base::StopFlag never{false};

TEST(ManyLabelTraining, LearnsWhatHolds) {
    const dataset::FeatureStore store = striped_store();
    const dataset::Split split = dataset::make_split(store, {});
    for (const Backend backend : {Backend::onednn, Backend::aten}) {
        TrainingOptions options = testing::quick_training({"cnn", "{}"}, 8);
        options.backend = backend;
        const TrainingResult result = train(store, split, options, {}, {}, never);
        EXPECT_EQ(result.model.activation, Activation::sigmoid);
        EXPECT_EQ(result.model.labels, (std::vector<std::string>{"bands", "striped"}));
        ASSERT_EQ(result.model.label_details.size(), 2);
        EXPECT_EQ(result.model.label_details[1].group, LabelGroup::mood);
        EXPECT_LT(result.history.back().train_loss, 0.6 * result.history.front().train_loss);
        EXPECT_GT(result.history.back().valid_accuracy, 0.9);
        EXPECT_LT(result.history.back().valid_loss, 0.4);
    }
}

TEST(ManyLabelTraining, LearnsFromMixturesAndNoise) {
    const dataset::FeatureStore store = striped_store();
    const dataset::Split split = dataset::make_split(store, {});
    TrainingOptions options = testing::quick_training({"cnn", "{}"}, 10);
    options.mixup = 0.2;
    options.noise_fraction = 0.2;
    options.label_weights = LabelWeights::balanced;
    const TrainingResult result = train(store, split, options, {}, {}, never);
    EXPECT_GT(result.history.back().valid_accuracy, 0.85);
    const auto training = nlohmann::json::parse(result.model.provenance).at("training");
    EXPECT_EQ(training.at("label_weights"), "balanced");
}

TEST(ManyLabelTraining, WeighsLabelsByTheirRarity) {
    dataset::FeatureStore store = striped_store();
    std::vector<std::int64_t> rows(static_cast<std::size_t>(store.segment_count()));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
    const torch::Tensor weights = balanced_weights(store, rows);
    EXPECT_NEAR(weights[0].item<double>(), 2.0, 1e-6);  // a third of them
    EXPECT_NEAR(weights[1].item<double>(), 0.5, 1e-6);
}

TEST(ManyLabelTraining, RefusesWhatCannotBeLearned) {
    dataset::FeatureStore store = striped_store();
    const dataset::Split split = dataset::make_split(store, {});
    TrainingOptions options = testing::quick_training({"cnn", "{}"}, 1);
    options.augmentation.overlay = 0.5;
    EXPECT_TRUE(contains(error_of([&] { train(store, split, options, {}, {}, never); }), "`overlay`"));
    options.augmentation.overlay = 0.0;
    for (dataset::StoredTrack& track : store.tracks) track.holds[0] = 0;
    EXPECT_TRUE(
        contains(error_of([&] { train(store, split, options, {}, {}, never); }), "no track of these labels: bands"));
    const dataset::FeatureStore genres = testing::logmel_store();
    options.label_weights = LabelWeights::balanced;
    EXPECT_TRUE(contains(error_of([&] { train(genres, dataset::make_split(genres, {}), options, {}, {}, never); }),
                         "`label_weights`"));
}

}  // namespace
}  // namespace earmark::training
