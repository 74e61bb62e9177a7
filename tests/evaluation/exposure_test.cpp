#include "evaluation/exposure.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "evaluation/calibration.hpp"
#include "evaluation/evaluation.hpp"
#include "evaluation/evaluation_json.hpp"
#include "evaluation/notes_of.hpp"
#include "model/ensemble.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/small_store.hpp"

namespace earmark::evaluation {
namespace {

using nlohmann::json;
using testing::contains;

/// A model that was trained on the training part of some data, with or without the sounds of its tracks.
Model trained_on(const dataset::FeatureStore& data, bool sounds) {
    Model model = testing::random_model("mlp", R"({"hidden": [8]})", 77, 1, 3);
    model.labels = data.labels;
    const dataset::Split split = dataset::make_split(data, {});
    json training = {{"split", dataset::to_json(split.options)}, {"data_fingerprint", data.fingerprint()}};
    for (const auto& [key, part] :
         {std::pair("tracks", dataset::Part::train), std::pair("validation_tracks", dataset::Part::valid)}) {
        const std::vector<std::string> names = dataset::tracks_of(data, split, part);
        KnownTracks known = known_tracks(data, names);
        if (!sounds) known.sounds.assign(names.size(), {});
        write_known_tracks(training, key, known);
    }
    model.provenance = json{{"training", training}}.dump();
    return model;
}

class Exposure : public ::testing::Test {
  protected:
    Evaluation of(const Model& model, const dataset::FeatureStore& store) const {
        EvaluationOptions options;
        options.part.reset();
        return evaluate(Classifier(model), store, options);
    }

    dataset::FeatureStore data = testing::small_store({"blues", "jazz", "rock"}, 12, 5, 1);
    /// Other sound under the same names.
    dataset::FeatureStore namesakes = testing::small_store({"blues", "jazz", "rock"}, 12, 5, 2);
};

TEST_F(Exposure, ANameAloneDoesNotMakeATrackLeaky) {
    const Evaluation evaluation = of(trained_on(data, true), namesakes);
    EXPECT_EQ(evaluation.tracks_seen_in_training, 0);
    EXPECT_FALSE(evaluation.leaky);
    EXPECT_FALSE(evaluation.exposure_is_guess);
    EXPECT_FALSE(contains(notes_of(evaluation), "LEAKY"));
    EXPECT_TRUE(contains(notes_of(evaluation), "None of these tracks was in the model's training."));
}

TEST_F(Exposure, ARenamedTrackIsFoundByItsSound) {
    dataset::FeatureStore renamed = data;
    for (dataset::StoredTrack& track : renamed.tracks) track.name = "my " + track.name;
    const Evaluation evaluation = of(trained_on(data, true), renamed);
    EXPECT_EQ(evaluation.tracks_seen_in_training, 21);
    EXPECT_EQ(evaluation.tracks_seen_in_validation, 6);
    EXPECT_EQ(evaluation.tracks_guessed_by_name, 0);
    EXPECT_TRUE(evaluation.leaky);
    EXPECT_TRUE(contains(notes_of(evaluation), "TRAINED ON 21 OF THESE 36 TRACKS"));
    EXPECT_TRUE(contains(notes_of(evaluation), "VALIDATION: 6 of these 36 tracks"));
    // Nearly the same values, as another machine or another bit rate gives.
    for (float& value : renamed.values) value += value > 0.0F ? 0.01F : -0.01F;
    EXPECT_EQ(of(trained_on(data, true), renamed).tracks_seen_in_training, 21);
}

TEST_F(Exposure, AModelThatKeepsNamesSaysThatItGuesses) {
    const Evaluation evaluation = of(trained_on(data, false), namesakes);
    EXPECT_EQ(evaluation.tracks_seen_in_training, 21);
    EXPECT_EQ(evaluation.tracks_guessed_by_name, 21);
    EXPECT_TRUE(evaluation.exposure_is_guess);
    const std::string table = notes_of(evaluation);
    EXPECT_TRUE(contains(table, "PERHAPS LEAKY: 21 of these 36 tracks have the names"));
    EXPECT_TRUE(contains(table, "guess"));
    EXPECT_FALSE(contains(table, "TRAINED ON"));
    EXPECT_EQ(to_json(evaluation)["exposure_is_guess"], true);
    EXPECT_EQ(to_json(evaluation)["tracks_guessed_by_name"], 21);
    for (dataset::StoredTrack& track : namesakes.tracks) track.name = "my " + track.name;
    EXPECT_TRUE(contains(notes_of(of(trained_on(data, false), namesakes)), "That is a guess"));
    // On the data of its training it need not guess.
    const Evaluation sure = of(trained_on(data, false), data);
    EXPECT_FALSE(sure.exposure_is_guess);
    EXPECT_TRUE(contains(notes_of(sure), "TRAINED ON 21 OF THESE 36 TRACKS"));
}

TEST_F(Exposure, ACopyOfATrainingTrackCountsAsOne) {
    const Model model = trained_on(data, false);
    const std::vector<std::string> tested =
        dataset::tracks_of(data, dataset::make_split(data, {}), dataset::Part::test);
    const std::vector<std::string> learned =
        dataset::tracks_of(data, dataset::make_split(data, {}), dataset::Part::train);
    const auto index_of = [&](const std::string& name) {
        return std::ranges::find(data.tracks, name, &dataset::StoredTrack::name) - data.tracks.begin();
    };
    EXPECT_EQ(of(model, data).tracks_seen_in_training, 21);
    data.copies_known = true;
    const auto first = std::min(index_of(tested[0]), index_of(learned[0]));
    const auto second = std::max(index_of(tested[0]), index_of(learned[0]));
    data.tracks[static_cast<std::size_t>(second)].copy_of = first;
    EXPECT_EQ(of(model, data).tracks_seen_in_training, 22);
}

TEST_F(Exposure, AnEnsembleKeepsTheSoundsOfAllItsNetworks) {
    Model first = trained_on(data, true);
    Model second = trained_on(namesakes, true);
    const std::vector<Model> models{first, second};
    const RecordedTraining recorded = recorded_training(model::combine(models, "both"));
    EXPECT_EQ(recorded.tracks->size(), 42U) << "equal names, other sounds";
    EXPECT_TRUE(recorded.tracks->all_have_sounds());
    EXPECT_EQ(recorded.validation_tracks.size(), 12U);
    EXPECT_EQ(of(model::combine(models, "both"), namesakes).tracks_seen_in_training, 21);
}

TEST_F(Exposure, SoundsThatDoNotFitTheNamesAreCorrupt) {
    Model model = trained_on(data, true);
    json provenance = json::parse(model.provenance);
    provenance["training"]["track_sounds"].erase(0);
    model.provenance = provenance.dump();
    EXPECT_TRUE(contains(testing::error_of([&] { recorded_training(model); }), "corrupt: "));
    provenance["training"]["track_sounds"] = json::array();
    for (int i = 0; i < 21; ++i) provenance["training"]["track_sounds"].push_back("no hash");
    model.provenance = provenance.dump();
    EXPECT_TRUE(contains(testing::error_of([&] { recorded_training(model); }), "is no hash of a sound"));
}

}  // namespace
}  // namespace earmark::evaluation
