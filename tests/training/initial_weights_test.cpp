#include "training/network/initial_weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "evaluation/evaluation.hpp"
#include "logmel_store.hpp"
#include "model/ensemble.hpp"
#include "quick_training.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"
#include "training/trainer.hpp"

namespace earmark::training {
namespace {

using nlohmann::json;
using testing::contains;
using testing::error_of;
using testing::logmel_store;
using testing::TemporaryFolder;

const base::StopFlag never{false};

TrainingOptions quick(int epochs = 2) {
    return testing::quick_training({"mlp", R"({"hidden": [16], "dropout": 0.1})"}, epochs);
}

dataset::SplitOptions all_segments() {
    dataset::SplitOptions options;
    options.kind = dataset::SplitKind::random_segments;
    options.valid_fraction = 0.0;
    options.test_fraction = 0.0;
    return options;
}

class Start : public ::testing::Test {
  protected:
    std::filesystem::path save(Model model, const std::string& name) const {
        model.name = name;
        model.licence = "MIT";
        const std::filesystem::path path = folder.path() / (name + ".safetensors");
        save_model(model, path);
        return path;
    }

    /// A network that tells all tracks apart.
    Model of_tracks(int epochs = 2) const {
        TrainingOptions options = quick(epochs);
        options.targets = dataset::Targets::tracks;
        return train(dataset::labelled_by_track(store), dataset::make_split(store, all_segments()), options, {}, {},
                     never)
            .model;
    }

    /// The genres, learned in steps too small to change a weight.
    Model unchanged(const TrainingOptions& options) {
        TrainingOptions still = options;
        still.learning_rate = 1e-12;
        messages.clear();
        return train(store, split, still, {}, {}, never, [&](const std::string& text) { messages += text; }).model;
    }

    testing::TemporaryFolder folder;
    dataset::FeatureStore store = testing::logmel_store();
    dataset::Split split = dataset::make_split(store, {});
    std::string messages;
};

TEST_F(Start, TakesWhatAgreesInNameAndShape) {
    const Model before = of_tracks();
    TrainingOptions options = quick(1);
    options.seed = 8;
    const Model fresh = unchanged(options);
    EXPECT_EQ(messages, "");
    options.start = save(before, "before");
    const Model model = unchanged(options);
    EXPECT_TRUE(testing::contains(
        messages, "before.safetensors: 2 of 4 tensors start from it; new are output.bias, output.weight."))
        << messages;
    const auto distance = [&](const Model& other, const std::string& name) {
        double greatest = 0.0;
        const std::vector<float>& values = model.tensors.at(name).values;
        for (std::size_t i = 0; i < values.size(); ++i) {
            greatest = std::max(greatest, static_cast<double>(std::abs(values[i] - other.tensors.at(name).values[i])));
        }
        return greatest;
    };
    int taken = 0;
    for (const auto& [name, tensor] : model.tensors) {
        if (name.starts_with("input.")) continue;
        const bool agrees = !name.starts_with("output.");
        EXPECT_LT(distance(agrees ? before : fresh, name), 1e-6) << name;
        if (agrees) {
            EXPECT_GT(distance(fresh, name), 1e-3) << name;
            ++taken;
        }
    }
    EXPECT_EQ(taken, 2);
    // All of it, where the classes are the same.
    options.start = save(model, "model");
    unchanged(options);
    EXPECT_TRUE(testing::contains(messages, "model.safetensors: 4 of 4 tensors start from it.")) << messages;
}

TEST_F(Start, RefusesWhatDoesNotAgree) {
    TrainingOptions options = quick(1);
    const Model model = train(store, split, options, {}, {}, never).model;
    const auto refusal = [&](const Model& start, const TrainingOptions& wanted, const dataset::FeatureStore& data) {
        TrainingOptions with = wanted;
        with.start = save(start, "start");
        return testing::error_of([&] { train(data, split, with, {}, {}, never); });
    };
    TrainingOptions vgg = options;
    vgg.network = model::NetworkSpec::parse({"vgg", R"({"filters": [4]})"}, "test");
    EXPECT_TRUE(testing::contains(refusal(train(store, split, vgg, {}, {}, never).model, options, store),
                                  "start.safetensors: none of its weights has the name and the shape"));
    Model named = model;
    named.name = "a";
    named.licence = "MIT";
    const Model two[] = {named, named};
    EXPECT_TRUE(
        testing::contains(refusal(model::combine(two, "two"), options, store), "start.safetensors: is an ensemble"));
    dataset::FeatureStore other = store;
    other.features.hop_length = 256;
    EXPECT_TRUE(testing::contains(refusal(model, options, other), "start.safetensors: was made for other features"));
}

TEST_F(Start, IsPartOfWhatATrainingIs) {
    TrainingOptions options = quick(3);
    options.start = save(of_tracks(1), "one");
    const CheckpointOptions checkpoint{folder.path() / "checkpoint", true};
    const auto unbroken = train(store, split, options, {}, {}, never);
    base::StopFlag stop{false};
    train(
        store, split, options, checkpoint, [&](const Epoch& epoch) { stop = epoch.number == 1; }, stop);
    TrainingOptions other = options;
    other.start = save(of_tracks(2), "two");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { train(store, split, other, checkpoint, {}, never); }),
                                  "start/fingerprint"));
    const auto resumed = train(store, split, options, checkpoint, {}, never);
    EXPECT_EQ(to_csv(resumed.history), to_csv(unbroken.history));
    const json training = json::parse(resumed.model.provenance)["training"];
    EXPECT_EQ(training["start"]["name"], "one");
    EXPECT_EQ(training["start"]["network"], "mlp");
}

TEST_F(Start, IsRememberedForWhatItAnalyzedWithoutGenres) {
    TrainingOptions options = quick(1);
    options.start = save(of_tracks(1), "all");
    const Model model = train(store, split, options, {}, {}, never).model;
    const evaluation::RecordedTraining recorded = evaluation::recorded_training(model);
    EXPECT_EQ(recorded.targets, dataset::Targets::genres);
    EXPECT_EQ(recorded.tracks->names, dataset::tracks_of(store, split, dataset::Part::train))
        << "those whose genres it was told";
    EXPECT_EQ(recorded.pretraining_tracks.size(), store.tracks.size());
    const evaluation::Evaluation evaluation = evaluation::evaluate(Classifier(model), store, {});
    EXPECT_EQ(evaluation.tracks_seen_in_training, 0);
    EXPECT_FALSE(evaluation.leaky);
    EXPECT_EQ(evaluation.tracks_seen_in_pretraining, evaluation.metrics.tracks.items);
    // Also when it is one further on, and through a teacher.
    TrainingOptions next = quick(1);
    next.start = save(model, "next");
    EXPECT_EQ(evaluation::recorded_training(train(store, split, next, {}, {}, never).model).pretraining_tracks.size(),
              store.tracks.size());
    next.teacher = next.start;
    next.start.clear();
    EXPECT_EQ(evaluation::recorded_training(train(store, split, next, {}, {}, never).model).pretraining_tracks.size(),
              store.tracks.size());
}

TEST_F(Start, KeepsTheGenresThatAStartWasTold) {
    TrainingOptions options = quick(1);
    options.start = save(train(store, split, options, {}, {}, never).model, "genres");
    options.targets = dataset::Targets::tracks;
    const Model model =
        train(dataset::labelled_by_track(store), dataset::make_split(store, all_segments()), options, {}, {}, never)
            .model;
    EXPECT_EQ(evaluation::recorded_training(model).tracks->names,
              dataset::tracks_of(store, split, dataset::Part::train));
}

TEST_F(Start, IsATrainingOnTracks) {
    TrainingOptions options = quick(60);
    options.targets = dataset::Targets::tracks;
    dataset::SplitOptions segments;
    segments.kind = dataset::SplitKind::random_segments;
    segments.test_fraction = 0.0;
    segments.valid_fraction = 0.25;
    const dataset::FeatureStore tracks = dataset::labelled_by_track(store);
    const auto result = train(tracks, dataset::make_split(store, segments), options, {}, {}, never);
    std::vector<std::string> names;
    for (const dataset::StoredTrack& track : store.tracks) names.push_back(track.name);
    EXPECT_EQ(result.model.labels, names);
    EXPECT_EQ(result.model.tensors.at("output.bias").shape, std::vector<std::int64_t>{24});
    EXPECT_GT(result.history.back().train_accuracy, 0.5) << "it can tell them apart";
    EXPECT_TRUE(std::isfinite(result.history.back().valid_loss));
    const evaluation::RecordedTraining recorded = evaluation::recorded_training(result.model);
    EXPECT_EQ(recorded.targets, dataset::Targets::tracks);
    EXPECT_TRUE(recorded.tracks.has_value() && recorded.tracks->empty()) << "no genre was told";
    EXPECT_EQ(recorded.pretraining_tracks.names, names);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { evaluation::evaluate(Classifier(result.model), store, {}); }),
                                  "tells tracks apart, not genres"));
}

TEST_F(Start, EvaluatesOnlyTracksThatAreLearned) {
    TrainingOptions options = quick(1);
    options.targets = dataset::Targets::tracks;
    const dataset::FeatureStore tracks = dataset::labelled_by_track(store);
    const auto refusal = [&](const dataset::Split& each) {
        return testing::error_of([&] { train(tracks, each, options, {}, {}, never); });
    };
    EXPECT_TRUE(testing::contains(refusal(split), "the valid part has other tracks than the training part"));
    EXPECT_TRUE(testing::contains(refusal(split), "`no_validation`"));
    dataset::SplitOptions without;
    without.no_validation = true;
    const dataset::Split halves = dataset::make_split(store, without);
    EXPECT_NO_THROW(train(tracks, halves, options, {}, {}, never));
    options.watch_test = true;
    EXPECT_TRUE(testing::contains(refusal(halves), "`watch_test`"));
    // Of a part with both, what is not learned does not count.
    options.watch_test = false;
    dataset::Split mixed = dataset::make_split(store, all_segments());
    for (int i = 0; i < 4; ++i)
        mixed.parts[static_cast<std::size_t>(i)] = dataset::Part::valid;  // all of the first track
    mixed.parts[4] = dataset::Part::valid;
    dataset::Split less = mixed;
    for (int i = 0; i < 4; ++i) less.parts[static_cast<std::size_t>(i)] = dataset::Part::none;
    const auto loss = [&](const dataset::Split& each) {
        return train(tracks, each, options, {}, {}, never).history.back().valid_loss;
    };
    EXPECT_EQ(loss(mixed), loss(less));
    EXPECT_TRUE(std::isfinite(loss(mixed)));
}

}  // namespace
}  // namespace earmark::training
