#include "evaluation/evaluation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluation/evaluation_json.hpp"
#include "evaluation/notes_of.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/small_store.hpp"

namespace earmark::evaluation {
namespace {

using nlohmann::json;
using testing::contains;
using testing::error_of;

/// A model that knows three genres, and says that it was trained on the training part of `data`.
Model trained_on(const dataset::FeatureStore& data, const dataset::SplitOptions& options) {
    Model model = testing::random_model("mlp", R"({"hidden": [8]})", 77, 1, 3);
    model.labels = {"rock", "blues", "jazz"};  // not the order of the data
    const dataset::Split split = dataset::make_split(data, options);
    model.provenance = json{{"training",
                             {{"split", dataset::to_json(options)},
                              {"data_fingerprint", data.fingerprint()},
                              {"tracks", dataset::tracks_of(data, split, dataset::Part::train)}}}}
                           .dump();
    return model;
}

class Evaluate : public ::testing::Test {
  protected:
    dataset::FeatureStore data = testing::small_store({"blues", "jazz", "rock"}, 12, 3);
    dataset::SplitOptions tracks{};
};

TEST_F(Evaluate, UsesTheRecordedSplitAndNeverSawItsTestPart) {
    const Classifier classifier(trained_on(data, tracks));
    EvaluationOptions options;
    options.jobs = 3;
    const Evaluation evaluation = evaluate(classifier, data, options);
    EXPECT_EQ(evaluation.part, "test");
    EXPECT_EQ(evaluation.metrics.tracks.items, 9);
    EXPECT_EQ(evaluation.metrics.segments.items, 27);
    EXPECT_EQ(evaluation.tracks_seen_in_training, 0);
    EXPECT_FALSE(evaluation.leaky);
    EXPECT_TRUE(testing::contains(notes_of(evaluation), "None of these tracks was in the model's training."));
    options.jobs = 1;
    EXPECT_EQ(to_json(evaluate(classifier, data, options)), to_json(evaluation));
}

TEST_F(Evaluate, AgreesWithTheClassifierSegmentBySegment) {
    const Classifier classifier(trained_on(data, tracks));
    EvaluationOptions options;
    options.part.reset();
    const Evaluation evaluation = evaluate(classifier, data, options);
    EXPECT_EQ(evaluation.part, "all");
    ASSERT_EQ(evaluation.metrics.segments.items, data.segment_count());
    std::vector<std::int64_t> confusion(9);
    const std::vector<int> labels = data.segment_labels();
    for (std::int64_t i = 0; i < data.segment_count(); ++i) {
        const std::vector<float> p = classifier.probabilities(data.segment(i));
        const auto prediction = std::max_element(p.begin(), p.end()) - p.begin();
        const int truth = std::vector<int>{1, 2, 0}[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)])];
        ++confusion[static_cast<std::size_t>(3 * truth + prediction)];
    }
    EXPECT_EQ(evaluation.metrics.segments.confusion, confusion);
    std::int64_t segments = 0;
    std::int64_t right = 0;
    for (const TrackPrediction& prediction : evaluation.predictions) {
        EXPECT_EQ(prediction.segments, 3) << prediction.track;
        EXPECT_LE(prediction.segments_right, prediction.segments) << prediction.track;
        segments += prediction.segments;
        right += prediction.segments_right;
    }
    EXPECT_EQ(segments, data.segment_count());
    EXPECT_EQ(right, confusion[0] + confusion[4] + confusion[8]);
    EXPECT_TRUE(predictions_csv(evaluation).starts_with("track,genre,prediction,probability,segments,segments_right,"));
}

TEST_F(Evaluate, SaysLoudlyWhenTheModelWasTrainedOnWhatIsMeasured) {
    const Classifier classifier(trained_on(data, tracks));
    EvaluationOptions options;
    options.part = dataset::Part::train;
    Evaluation evaluation = evaluate(classifier, data, options);
    EXPECT_TRUE(evaluation.leaky);
    EXPECT_FALSE(evaluation.leaky_split);
    EXPECT_EQ(evaluation.tracks_seen_in_training, evaluation.metrics.tracks.items);
    EXPECT_TRUE(testing::contains(notes_of(evaluation), "TRAINED ON 21 OF THESE 21 TRACKS"));
    EXPECT_EQ(to_json(evaluation)["leaky"], true);
    EXPECT_EQ(to_json(evaluation)["tracks_seen_in_training"], 21);

    // Another split has some of them in its test part.
    options.part = dataset::Part::test;
    options.split = tracks;
    options.split->seed = 9;
    evaluation = evaluate(classifier, data, options);
    EXPECT_TRUE(evaluation.leaky);
    EXPECT_GT(evaluation.tracks_seen_in_training.value(), 0);
    EXPECT_LT(evaluation.tracks_seen_in_training.value(), 9);
}

TEST_F(Evaluate, SaysWhichTracksWereAnalyzedBeforeTheTraining) {
    Model model = trained_on(data, tracks);
    json provenance = json::parse(model.provenance);
    EXPECT_EQ(to_json(evaluate(Classifier(model), data, {}))["tracks_seen_in_pretraining"], 0);
    std::vector<std::string> analyzed =
        dataset::tracks_of(data, dataset::make_split(data, tracks), dataset::Part::test);
    analyzed.resize(4);
    analyzed.emplace_back("another");
    provenance["training"]["pretraining_tracks"] = analyzed;
    model.provenance = provenance.dump();
    const Evaluation evaluation = evaluate(Classifier(model), data, {});
    EXPECT_EQ(evaluation.tracks_seen_in_pretraining, 4);
    EXPECT_EQ(evaluation.tracks_seen_in_training, 0);
    EXPECT_FALSE(evaluation.leaky);
    EXPECT_EQ(to_json(evaluation)["tracks_seen_in_pretraining"], 4);
    EXPECT_TRUE(
        testing::contains(notes_of(evaluation), "PRE-TRAINED: 4 of these 9 tracks were in the model's pre-training"));
    provenance["training"]["targets"] = "tracks";
    model.provenance = provenance.dump();
    EXPECT_TRUE(testing::contains(testing::error_of([&] { evaluate(Classifier(model), data, {}); }), "not genres"));
}

TEST_F(Evaluate, CallsRandomSegmentsLeaky) {
    dataset::SplitOptions segments;
    segments.kind = dataset::SplitKind::random_segments;
    const Evaluation evaluation = evaluate(Classifier(trained_on(data, segments)), data, {});
    EXPECT_TRUE(evaluation.leaky);
    EXPECT_TRUE(evaluation.leaky_split);
    EXPECT_TRUE(testing::contains(notes_of(evaluation), "LEAKY: segments of one track are on both sides"));
}

TEST_F(Evaluate, AModelThatDoesNotSayWhatItWasTrainedOnIsNotCalledHonest) {
    Model model = trained_on(data, tracks);
    model.provenance = "{}";
    const Classifier classifier(std::move(model));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { evaluate(classifier, data, {}); }), "records no split"));
    EvaluationOptions options;
    options.split = tracks;
    const Evaluation evaluation = evaluate(classifier, data, options);
    EXPECT_FALSE(evaluation.tracks_seen_in_training.has_value());
    EXPECT_TRUE(to_json(evaluation)["tracks_seen_in_training"].is_null());
    EXPECT_TRUE(testing::contains(notes_of(evaluation), "UNKNOWN: the model does not say"));
}

TEST_F(Evaluate, TheRecordedSplitIsForTheRecordedDataOnly) {
    const Classifier classifier(trained_on(data, tracks));
    const dataset::FeatureStore other = testing::small_store({"blues", "jazz", "rock"}, 12, 3, 2);
    const std::string message = testing::error_of([&] { evaluate(classifier, other, {}); });
    EXPECT_TRUE(testing::contains(message, "bad_data: "));
    EXPECT_TRUE(testing::contains(message, "`part` all"));
    EvaluationOptions all;
    all.part.reset();
    EXPECT_EQ(evaluate(classifier, other, all).metrics.tracks.items, 36);
}

TEST_F(Evaluate, GenresAreMatchedByName) {
    const Classifier classifier(trained_on(data, tracks));
    EvaluationOptions all;
    all.part.reset();
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      evaluate(classifier, testing::small_store({"blues", "polka"}, 3, 1), all);
                                  }),
                                  "does not know the genre \"polka\""));
    // A genre of the model that the data lack has no recall, and nothing is NaN.
    const Evaluation evaluation = evaluate(classifier, testing::small_store({"rock", "blues"}, 3, 2), all);
    const auto document = to_json(evaluation);
    EXPECT_TRUE(document["tracks"]["genres"]["jazz"]["recall"].is_null());
    EXPECT_TRUE(document["tracks"]["genres"]["jazz"]["roc_auc"].is_null());
    EXPECT_FALSE(document["tracks"]["macro_roc_auc"].is_null());
    EXPECT_EQ(document["tracks"]["genres"]["rock"]["count"], 3);
    EXPECT_EQ(document["tracks"]["confusion"].size(), 3);
    EXPECT_EQ(document.dump().find("nan"), std::string::npos);
}

TEST_F(Evaluate, RefusesOtherFeaturesAndEmptyParts) {
    const Classifier classifier(trained_on(data, tracks));
    dataset::FeatureStore other = data;
    other.features.hop_length = 256;
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { evaluate(classifier, other, {}); }), "was made for other features"));
    EvaluationOptions options;
    options.split = tracks;
    options.split->valid_fraction = 0.0;
    options.part = dataset::Part::valid;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { evaluate(classifier, data, options); }), "The valid part"));
    base::StopFlag stop = true;
    options.part = dataset::Part::test;
    options.stop = &stop;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { evaluate(classifier, data, options); }), "interrupted: "));
}

TEST_F(Evaluate, ProvenanceOfTheWrongTypesIsCorrupt) {
    Model model = trained_on(data, tracks);
    for (const char* text : {R"({"training": 3})", R"({"training": {"tracks": "all"}})",
                             R"({"training": {"data_fingerprint": 5}})", R"({"training": {"split": []}})"}) {
        model.provenance = text;
        EXPECT_TRUE(testing::contains(testing::error_of([&] { recorded_training(model); }), "corrupt: ")) << text;
    }
    model.provenance = R"({"training": null})";
    EXPECT_TRUE(testing::contains(testing::error_of([&] { recorded_training(model); }), "corrupt: "));
}

}  // namespace
}  // namespace earmark::evaluation
