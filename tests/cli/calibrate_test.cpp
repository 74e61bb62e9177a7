// `earmark model calibrate`, and what `model` and `evaluate` say of it, run as a user would.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "dataset/split.hpp"
#include "dataset/store_writer.hpp"
#include "earmark/model.hpp"
#include "files/atomic_file.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;

class CalibrateCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        Model made = testing::random_model("mlp", R"({"hidden": [8]})", 77, 1, 3);
        made.labels = {"jazz", "metal", "pop"};
        dataset::StoreWriter writer(store, made.features, made.segments);
        for (int track = 0; track < 180; ++track) {
            const std::vector<float> values = testing::random_mfccs(2, 77, 100 + track);
            const std::vector<dataset::SegmentTime> times{{0, 6}, {6, 12}};
            const std::string& genre = made.labels[static_cast<std::size_t>(track % 3)];
            writer.add(genre + "." + std::to_string(track), genre, times, values);
        }
        writer.commit(made.labels);
        const dataset::FeatureStore data = dataset::open_store(store);
        const dataset::SplitOptions split;
        made.provenance =
            json{{"training",
                  {{"split", dataset::to_json(split)},
                   {"data_fingerprint", data.fingerprint()},
                   {"tracks", dataset::tracks_of(data, dataset::make_split(data, split), dataset::Part::train)}}}}
                .dump();
        save_model(made, model);
    }

    testing::Finished calibrate(std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.begin(), {"model", "calibrate", model.string(), "--data", store.string()});
        return testing::earmark(arguments);
    }

    json evaluation(const std::string& part) const {
        const testing::Finished result = testing::earmark(
            {"evaluate", store.string(), "--model", model.string(), "--part", part, "--format", "json"});
        EXPECT_EQ(result.status, 0) << result.messages;
        return json::parse(result.output);
    }

    testing::TemporaryFolder folder;
    fs::path store = folder.path() / "store";
    fs::path model = folder.path() / "model.safetensors";
};

TEST_F(CalibrateCommand, TakesAnEnsembleToo) {
    Model second = load_model(model);
    for (float& value : second.tensors.at("output.weight").values) value = -value;
    save_model(second, folder.path() / "second.safetensors");
    const fs::path both = folder.path() / "both.safetensors";
    const testing::Finished combined =
        testing::earmark({"model", "combine", model.string(), (folder.path() / "second.safetensors").string(),
                          "--output", both.string(), "--format", "json"});
    ASSERT_EQ(combined.status, 0) << combined.messages;
    const json said = json::parse(combined.output);
    EXPECT_EQ(said["networks"], 2);
    const json described = json::parse(testing::earmark({"model", both.string(), "--format", "json"}).output);
    EXPECT_EQ(described["name"], "both");
    EXPECT_EQ(described["network"], "ensemble");
    EXPECT_EQ(described["parameters"], said["parameters"]);
    const testing::Finished told = testing::earmark({"model", both.string()});
    EXPECT_NE(told.output.find("ensemble of 2"), std::string::npos) << told.output;

    model = both;  // it knows the split that both of its networks have, and the tracks that they were trained on
    const testing::Finished result = calibrate({"--named-accuracy", "0.3"});  // the name of earlier versions
    ASSERT_EQ(result.status, 0) << result.messages;
    EXPECT_NE(load_model(both).calibration.temperature, 1.0);
    EXPECT_EQ(calibrate({"--part", "train"}).status, 1);

    const testing::Finished lone =
        testing::earmark({"model", "combine", (folder.path() / "second.safetensors").string(), "--output",
                          (folder.path() / "lone.safetensors").string()});
    EXPECT_EQ(lone.status, 1);
    EXPECT_NE(lone.messages.find("two networks or more"), std::string::npos) << lone.messages;
    EXPECT_FALSE(fs::exists(folder.path() / "lone.safetensors"));
}

TEST_F(CalibrateCommand, WritesInPlaceAndAllCommandsUseIt) {
    const Model before = load_model(model);
    const json uncalibrated = evaluation("valid");
    EXPECT_TRUE(uncalibrated["tracks"]["threshold"].is_null());
    EXPECT_EQ(uncalibrated["tracks"]["coverage"], 1.0);
    EXPECT_EQ(uncalibrated["tracks"]["selective_accuracy"], uncalibrated["tracks"]["accuracy"]);

    const testing::Finished result = calibrate({"--selective-accuracy", "0.3"});
    ASSERT_EQ(result.status, 0) << result.messages;
    // Random weights get the highest temperature.
    EXPECT_NE(result.messages.find("at the end of its range"), std::string::npos) << result.messages;
    EXPECT_NE(result.output.find("temperature"), std::string::npos);
    const Model after = load_model(model);
    EXPECT_NE(after.calibration.temperature, 1.0);
    EXPECT_EQ(after.provenance, before.provenance);
    EXPECT_EQ(after.tensors.at("output.weight").values, before.tensors.at("output.weight").values);

    const json calibrated = evaluation("valid");
    EXPECT_LT(calibrated["tracks"]["loss"], uncalibrated["tracks"]["loss"]);
    EXPECT_EQ(calibrated["segments"]["confusion"], uncalibrated["segments"]["confusion"]);
    EXPECT_EQ(calibrated["tracks"]["threshold"], after.calibration.threshold.value());
    EXPECT_GE(calibrated["tracks"]["selective_accuracy"], 0.3);
    EXPECT_EQ(calibrated["warnings"].size(), 1U);
    for (const char* figure : {"brier", "calibration_error", "calibration_error_equal_mass"}) {
        EXPECT_TRUE(calibrated["segments"][figure].is_number()) << figure;
        EXPECT_TRUE(calibrated["tracks"][figure].is_number()) << figure;
    }
    EXPECT_EQ(calibrated["tracks"]["reliability"].size(), 10U);
    const json fit = json::parse(after.calibration.fit);
    EXPECT_DOUBLE_EQ(fit["track_calibration_error"]["after"], calibrated["tracks"]["calibration_error"]);
    EXPECT_DOUBLE_EQ(fit["track_calibration_error"]["before"], uncalibrated["tracks"]["calibration_error"]);

    const json described = json::parse(testing::earmark({"model", model.string(), "--format", "json"}).output);
    EXPECT_EQ(described["calibration"]["temperature"], after.calibration.temperature);
    EXPECT_EQ(described["calibration"]["fit"]["coverage"], fit["named_share"]);
    EXPECT_EQ(described["calibration"]["fit"]["selective_accuracy"], calibrated["tracks"]["selective_accuracy"]);
    EXPECT_EQ(described["calibration"]["fit"]["track_loss"], fit["track_loss"]);
    const testing::Finished told = testing::earmark({"model", model.string()});
    for (const char* text :
         {"calibrated", "temperature ", "threshold ", "trained on", "108 tracks", "jazz, metal, pop"})
        EXPECT_NE(told.output.find(text), std::string::npos) << text << ": " << told.output;
    EXPECT_EQ(told.output.find('{'), std::string::npos) << told.output;  // JSON is for --format json
}

TEST_F(CalibrateCommand, WritesElsewhereWhenAsked) {
    const std::string before = files::read_file(model);
    const fs::path output = folder.path() / "calibrated.safetensors";
    const testing::Finished result = calibrate({"--output", output.string(), "--quiet", "--format", "json"});
    ASSERT_EQ(result.status, 0);
    const json said = json::parse(result.output);
    EXPECT_EQ(said["model"], output.string());
    EXPECT_EQ(said["networks"], 1);
    EXPECT_EQ(said["calibration"]["temperature"], load_model(output).calibration.temperature);
    EXPECT_EQ(files::read_file(model), before);
    EXPECT_NE(load_model(output).calibration, Calibration{});
}

TEST_F(CalibrateCommand, RefusesTracksOfTheTraining) {
    const std::string before = files::read_file(model);
    const auto expect = [&](const std::vector<std::string>& arguments, int status, const std::string& text) {
        const testing::Finished result = calibrate(arguments);
        EXPECT_EQ(result.status, status);
        EXPECT_NE(result.messages.find(text), std::string::npos) << result.messages;
        EXPECT_EQ(files::read_file(model), before);
    };
    expect({"--part", "train"}, 1, "--part valid");
    expect({"--part", "all"}, 1, "was trained on 108 of these 180");
    expect({"--split", "random-tracks", "--split-seed", "5"}, 1, "was trained on");
    expect({"--split-seed", "5"}, 2, "--split");
    expect({"--split", "random-tracks", "--valid-fraction", "0.05"}, 1, "too few");
    expect({"--selective-accuracy", "1.5"}, 2, "--selective-accuracy");
    EXPECT_EQ(testing::earmark({"model", "calibrate", model.string()}).status, 2);
    EXPECT_EQ(testing::earmark({"model", "calibrate", "--help"}).status, 0);
}

TEST_F(CalibrateCommand, EvaluateDrawsTheReliability) {
    const fs::path picture = folder.path() / "reliability.svg";
    const testing::Finished result = testing::earmark(
        {"evaluate", store.string(), "--model", model.string(), "--reliability", picture.string(), "--bins", "5"});
    ASSERT_EQ(result.status, 0) << result.messages;
    EXPECT_NE(files::read_file(picture).find("<svg"), std::string::npos);
    EXPECT_NE(result.output.find("calibration error"), std::string::npos) << result.output;
    EXPECT_NE(result.output.find("Brier score"), std::string::npos) << result.output;
    EXPECT_EQ(testing::earmark({"evaluate", store.string(), "--model", model.string(), "--bins", "1"}).status, 2);
}

TEST_F(CalibrateCommand, EvaluateListsTheMostConfidentErrors) {
    const fs::path titles = folder.path() / "artists.csv";
    std::string csv = "track,artist,title\n";
    for (int track = 0; track < 180; ++track) {
        const char* genre = std::array{"jazz", "metal", "pop"}[static_cast<std::size_t>(track % 3)];
        csv += fmt::format("{}.{},Artist {},\"Title, {}\"\n", genre, track, track, track);
    }
    files::write_file(titles, csv);
    const std::vector<std::string> command{"evaluate", store.string(), "--model",      model.string(), "--errors",
                                           "4",        "--titles",     titles.string()};
    std::vector<std::string> as_json = command;
    as_json.insert(as_json.end(), {"--format", "json"});
    const testing::Finished result = testing::earmark(as_json);
    ASSERT_EQ(result.status, 0) << result.messages;
    const json errors = json::parse(result.output)["errors"];
    ASSERT_EQ(errors.size(), 4U);
    for (std::size_t i = 0; i < errors.size(); ++i) {
        EXPECT_NE(errors[i]["genre"], errors[i]["prediction"]);
        if (i > 0) {
            EXPECT_LE(errors[i]["probability"], errors[i - 1]["probability"]);
        }
        const std::string track = errors[i]["track"];
        const std::string number = track.substr(track.find('.') + 1);
        EXPECT_EQ(errors[i]["artist"], "Artist " + number);
        EXPECT_EQ(errors[i]["title"], "Title, " + number);
    }
    const testing::Finished table = testing::earmark(command);
    EXPECT_NE(table.output.find("Most confident errors"), std::string::npos) << table.output;
    EXPECT_NE(table.output.find(errors[0]["title"].get<std::string>()), std::string::npos) << table.output;

    fs::remove(titles);
    const testing::Finished missing = testing::earmark(command);
    EXPECT_EQ(missing.status, 1);
    EXPECT_NE(missing.messages.find(titles.string()), std::string::npos) << missing.messages;
}

}  // namespace
}  // namespace earmark
