// `earmark train`, run as a user would.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dataset/store_writer.hpp"
#include "earmark/model.hpp"
#include "files/atomic_file.hpp"
#include "logmel_store.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::training {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using testing::Program;
using Arguments = std::vector<std::string>;

class TrainCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        FeatureOptions features;
        SegmentOptions segments{6.0, 5, 77, 1293.0 / 387.5};
        dataset::StoreWriter writer(store, features, segments);
        const char* genres[] = {"jazz", "metal", "pop"};
        for (int track = 0; track < 60; ++track) {
            std::vector<float> values = testing::random_mfccs(5, 77, 100 + track);
            for (std::size_t i = 1; i < values.size(); i += 13) values[i] += 25.0F * static_cast<float>(track % 3 - 1);
            const std::vector<dataset::SegmentTime> times{{0, 6}, {6, 12}, {12, 18}, {18, 24}, {24, 30}};
            const std::string name = std::string(genres[track % 3]) + "." + std::to_string(track);
            writer.add(name, genres[track % 3], times, values);
            split_rows += name + "," + genres[track % 3] + "," +
                          (track < 36   ? "train"
                           : track < 45 ? "valid"
                                        : "test") +
                          "\n";
        }
        writer.commit({genres[0], genres[1], genres[2]});
    }

    /// The command, with options in `more` in place of those of the same name.
    std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words{EARMARK_BUILD_DIR "/bin/earmark", "train", store.string(), "--output",
                                       model.string()};
        const std::pair<const char*, const char*> usual[] = {
            {"--network", "cnn"}, {"--epochs", "3"}, {"--learning-rate", "1e-3"}, {"--threads", "1"}};
        for (const auto& [option, value] : usual) {
            if (std::find(more.begin(), more.end(), option) == more.end()) words.insert(words.end(), {option, value});
        }
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++count;
        return count;
    }

    testing::TemporaryFolder folder;
    fs::path store = folder.path() / "store";
    fs::path model = folder.path() / "model.safetensors";
    std::string split_rows = "track,genre,part\n";
};

TEST_F(TrainCommand, MakesAModelThatEvaluates) {
    const testing::Finished trained =
        testing::run(command({"--epochs", "12", "--curves", (folder.path() / "curves.svg").string()}));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    EXPECT_EQ(trained.output, "");
    EXPECT_NE(trained.messages.find("epoch  12 of 12"), std::string::npos) << trained.messages;
    EXPECT_EQ(load_model(model).network.name, "cnn");
    const std::string history = files::read_file(folder.path() / "model.csv");
    EXPECT_EQ(std::count(history.begin(), history.end(), '\n'), 13);
    EXPECT_EQ(
        history.rfind("epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,test_loss,test_accuracy,penalty\n", 0),
        0U);
    EXPECT_NE(files::read_file(folder.path() / "curves.svg").find("<svg"), std::string::npos);
    EXPECT_EQ(files(), 4U) << "store, model, history, curves; no checkpoint";
    // Evaluated on the test part of the split that the model remembers.
    const testing::Finished evaluated =
        testing::earmark({"evaluate", store.string(), "--model", model.string(), "--format", "json"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.messages;
    const auto result = nlohmann::json::parse(evaluated.output);
    EXPECT_EQ(result["part"], "test");
    EXPECT_EQ(result["leaky"], false);
    EXPECT_EQ(result["tracks_seen_in_training"], 0);
    EXPECT_EQ(result["tracks"]["count"], 15);
    EXPECT_GT(result["tracks"]["accuracy"], 0.6);
}

TEST_F(TrainCommand, CalibratesOnTheValidationPart) {
    const testing::Finished few = testing::run(command({"--epochs", "1"}));
    EXPECT_NE(few.messages.find("not calibrated: the validation part has 9 tracks"), std::string::npos) << few.messages;
    EXPECT_EQ(load_model(model).calibration, Calibration{});

    const testing::Finished trained = testing::run(command({"--valid-fraction", "0.4"}));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    const Model calibrated = load_model(model);
    EXPECT_TRUE(calibrated.calibration.threshold.has_value());
    const auto fit = nlohmann::json::parse(calibrated.calibration.fit);
    EXPECT_EQ(fit["part"], "valid");
    EXPECT_EQ(fit["tracks"], 24);
    // `model calibrate` finds the same.
    const fs::path again = folder.path() / "again.safetensors";
    const testing::Finished repeated =
        testing::earmark({"model", "calibrate", model.string(), "--data", store.string(), "--output", again.string()});
    ASSERT_EQ(repeated.status, 0) << repeated.messages;
    EXPECT_EQ(load_model(again).calibration, calibrated.calibration);

    const testing::Finished plain = testing::run(command({"--valid-fraction", "0.4", "--no-calibration"}));
    ASSERT_EQ(plain.status, 0) << plain.messages;
    EXPECT_EQ(load_model(model).calibration, Calibration{});
    EXPECT_EQ(load_model(model).tensors.at("output.weight").values, calibrated.tensors.at("output.weight").values);
}

TEST_F(TrainCommand, TellsProgramsOfEachEpoch) {
    const testing::Finished trained =
        testing::run(command({"--epochs", "3", "--format", "json", "--quiet", "--watch-test"}));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    EXPECT_EQ(trained.messages, "");
    std::istringstream lines(trained.output);
    std::vector<nlohmann::json> told;
    for (std::string line; std::getline(lines, line);) told.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(told.size(), 4U);
    for (int epoch = 1; epoch <= 3; ++epoch) {
        EXPECT_EQ(told[epoch - 1]["epoch"], epoch);
        EXPECT_EQ(told[epoch - 1]["epochs"], 3);
        for (const char* figure : {"train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "test_loss",
                                   "test_accuracy", "penalty"}) {
            EXPECT_TRUE(told[epoch - 1][figure].is_number()) << figure;
        }
    }
    EXPECT_EQ(told[3]["model"], model.string());
    EXPECT_GE(told[3]["kept_epoch"], 1);
    EXPECT_GT(told[3]["parameters"], 1000);
}

TEST_F(TrainCommand, CallsRandomSegmentsLeaky) {
    const testing::Finished trained = testing::run(command({"--split", "random-segments", "--epochs", "1"}));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    EXPECT_NE(trained.messages.find("leaky"), std::string::npos) << trained.messages;
    const testing::Finished evaluated =
        testing::earmark({"evaluate", store.string(), "--model", model.string(), "--format", "json"});
    const auto result = nlohmann::json::parse(evaluated.output);
    EXPECT_EQ(result["leaky"], true);
    EXPECT_GT(result["tracks_seen_in_training"], 0);
}

TEST_F(TrainCommand, TakesASplitFromAFile) {
    files::write_file(folder.path() / "split.csv", split_rows);
    const testing::Finished trained = testing::run(command({"--split-file", (folder.path() / "split.csv").string()}));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    const auto tracks = nlohmann::json::parse(load_model(model).provenance)["training"]["tracks"];
    EXPECT_EQ(tracks.size(), 36U);
}

TEST_F(TrainCommand, RefusesASplitOfUnknownTracks) {
    files::write_file(folder.path() / "split.csv", split_rows + "unknown.00001,jazz,train\n");
    const testing::Finished trained = testing::run(command({"--split-file", (folder.path() / "split.csv").string()}));
    EXPECT_EQ(trained.status, 1);
    EXPECT_NE(trained.messages.find("unknown.00001"), std::string::npos) << trained.messages;
    EXPECT_FALSE(fs::exists(model));
}

TEST_F(TrainCommand, CtrlCLeavesACheckpointAndResumeGoesOn) {
    const auto train = [&](const fs::path& output, bool resume) {
        std::vector<std::string> words = command({"--epochs", "40", "--seed", "9"});
        words[4] = output.string();
        if (resume) words.push_back("--resume");
        return words;
    };
    testing::Program program(train(model, false));
    ASSERT_TRUE(program.wait_for_message("epoch   2"));
    program.signal(SIGINT);
    const testing::Finished interrupted = program.wait();
    EXPECT_EQ(interrupted.status, 130) << interrupted.messages;
    EXPECT_NE(interrupted.messages.find("--resume"), std::string::npos) << interrupted.messages;
    EXPECT_FALSE(fs::exists(model));
    EXPECT_TRUE(fs::exists(model.string() + ".checkpoint"));
    EXPECT_EQ(files(), 2U) << "the store and the checkpoint";
    const testing::Finished resumed = testing::run(train(model, true));
    ASSERT_EQ(resumed.status, 0) << resumed.messages;
    EXPECT_EQ(resumed.messages.find("epoch   1 of"), std::string::npos) << "the first epoch was repeated";
    const fs::path whole = folder.path() / "whole.safetensors";
    ASSERT_EQ(testing::run(train(whole, false)).status, 0);
    const Model expected = load_model(whole);
    for (const auto& [name, tensor] : load_model(model).tensors)
        EXPECT_EQ(tensor.values, expected.tensors.at(name).values) << name;
    EXPECT_EQ(files::read_file(folder.path() / "model.csv"), files::read_file(folder.path() / "whole.csv"));
}

TEST_F(TrainCommand, SurvivesAKill) {
    testing::Program program(command({"--epochs", "40"}));
    ASSERT_TRUE(program.wait_for_message("epoch   2"));
    program.signal(SIGKILL);
    EXPECT_EQ(program.wait().status, 137);
    EXPECT_EQ(testing::run(command({"--epochs", "4", "--resume"})).status, 0);
    EXPECT_EQ(load_model(model).network.name, "cnn");
}

TEST_F(TrainCommand, RegularisesAndAugments) {
    const dataset::FeatureStore data = testing::logmel_store();
    const fs::path logmel = folder.path() / "logmel";
    dataset::StoreWriter writer(logmel, data.features, data.segments);
    for (const dataset::StoredTrack& track : data.tracks) {
        const auto first = static_cast<std::size_t>(track.first_segment);
        const auto count = static_cast<std::size_t>(track.segments);
        writer.add(track.name, data.labels[static_cast<std::size_t>(track.label)],
                   std::span(data.times).subspan(first, count),
                   std::span(data.values).subspan(first * data.segment_size(), count * data.segment_size()));
    }
    writer.commit(data.labels);
    const std::vector<std::string> options{"--network",     "vgg", "--network-options", R"({"filters": [8, 8]})",
                                           "--epochs",      "4",   "--schedule",        "cosine",
                                           "--warm-up",     "0.5", "--weight-decay",    "0.05",
                                           "--average",     "0.9", "--label-smoothing", "0.1",
                                           "--mixup",       "0.2", "--noise-fraction",  "0.1",
                                           "--crops",       "2",   "--crop-frames",     "50",
                                           "--gain",        "6",   "--equalise",        "3",
                                           "--band-limit",  "0.2", "--mask-bands",      "4",
                                           "--stretch",     "0.1", "--mask-frames",     "8",
                                           "--pitch-shift", "1.5", "--colour",          "0.5",
                                           "--dynamics",    "0.3", "--overlay",         "0.25",
                                           "--crop-across"};
    std::vector<std::string> words = command(options);
    words[2] = logmel.string();
    const testing::Finished trained = testing::run(words);
    ASSERT_EQ(trained.status, 0) << trained.messages;
    const auto written = nlohmann::json::parse(load_model(model).provenance)["training"];
    EXPECT_EQ(written["schedule"], (nlohmann::json{{"kind", "cosine"}, {"warm_up", 0.5}, {"epochs", 4}}));
    EXPECT_EQ(written["weight_decay"], 0.05);
    EXPECT_EQ(written["average"], 0.9);
    EXPECT_EQ(written["label_smoothing"], 0.1);
    EXPECT_EQ(written["mixup"], 0.2);
    EXPECT_EQ(written["crop_frames"], 50);
    EXPECT_EQ(written["crop_across"], true);
    EXPECT_EQ(written["crops"], 2);
    EXPECT_EQ(written["augmentation"], (nlohmann::json{{"gain", 6.0},
                                                       {"equalise", 3.0},
                                                       {"band_limit", 0.2},
                                                       {"mask_bands", 4},
                                                       {"mask_frames", 8},
                                                       {"pitch_shift", 1.5},
                                                       {"stretch", 0.1},
                                                       {"colour", 0.5},
                                                       {"dynamics", 0.3},
                                                       {"overlay", 0.25}}));
    EXPECT_EQ(testing::earmark({"evaluate", logmel.string(), "--model", model.string()}).status, 0)
        << "a model for whole segments";
    const testing::Finished help = testing::run({EARMARK_BUILD_DIR "/bin/earmark", "train", "--help"});
    for (const std::string& word : options) {
        if (!word.starts_with("--")) continue;
        EXPECT_NE(help.output.find(word), std::string::npos) << word;
    }
    // Features that are no decibels of mel bands are refused.
    fs::remove(model);
    const testing::Finished refused = testing::run(command({"--gain", "6"}));
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.messages.find("logmel"), std::string::npos) << refused.messages;
    EXPECT_FALSE(fs::exists(model));
}

TEST_F(TrainCommand, PreTrainsOnAllTracksAndGoesOnFromThere) {
    const fs::path first = folder.path() / "first.safetensors";
    std::vector<std::string> words = command({"--targets", "tracks", "--split", "random-segments", "--valid-fraction",
                                              "0", "--test-fraction", "0", "--epochs", "1"});
    words[4] = first.string();
    const testing::Finished pretrained = testing::run(words);
    ASSERT_EQ(pretrained.status, 0) << pretrained.messages;
    EXPECT_EQ(pretrained.messages.find("calibrat"), std::string::npos) << pretrained.messages;
    EXPECT_EQ(load_model(first).labels.size(), 60U);
    const testing::Finished judged = testing::earmark({"evaluate", store.string(), "--model", first.string()});
    EXPECT_EQ(judged.status, 1);
    EXPECT_NE(judged.messages.find("first: tells tracks apart"), std::string::npos) << judged.messages;

    files::write_file(folder.path() / "split.csv", split_rows);
    const testing::Finished trained = testing::run(
        command({"--start", first.string(), "--split-file", (folder.path() / "split.csv").string(), "--epochs", "1"}));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    EXPECT_NE(trained.messages.find("first.safetensors: "), std::string::npos) << trained.messages;
    EXPECT_NE(trained.messages.find("new are output.bias, output.weight."), std::string::npos) << trained.messages;
    const testing::Finished evaluated =
        testing::earmark({"evaluate", store.string(), "--model", model.string(), "--format", "json"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.messages;
    const auto result = nlohmann::json::parse(evaluated.output);
    EXPECT_EQ(result["tracks_seen_in_pretraining"], 15);
    EXPECT_EQ(result["tracks_seen_in_training"], 0);
    EXPECT_EQ(result["leaky"], false);
    const testing::Finished shown = testing::earmark({"model", model.string(), "--format", "json"});
    EXPECT_EQ(nlohmann::json::parse(shown.output)["provenance"]["training"]["pretraining_tracks"], 60);
}

TEST_F(TrainCommand, LearnsFromATeacher) {
    const fs::path teacher = folder.path() / "teacher.safetensors";
    std::vector<std::string> words = command({"--epochs", "1", "--valid-fraction", "0.4"});
    words[4] = teacher.string();
    ASSERT_EQ(testing::run(words).status, 0);
    ASSERT_NE(load_model(teacher).calibration, Calibration{});
    const std::vector<std::string> taught{
        "--network",        "mlp", "--hidden", "8", "--teacher",        teacher.string(),
        "--teacher-weight", "0.8", "--epochs", "1", "--valid-fraction", "0.4"};
    const testing::Finished trained = testing::run(command(taught));
    ASSERT_EQ(trained.status, 0) << trained.messages;
    const auto written = nlohmann::json::parse(load_model(model).provenance)["training"]["teacher"];
    EXPECT_EQ(written["name"], "teacher");
    EXPECT_EQ(written["weight"], 0.8);
    EXPECT_NE(load_model(model).calibration, Calibration{}) << "neither has heard the validation part";
    // On another split, the teacher knows the validation part.
    std::vector<std::string> other = taught;
    other.insert(other.end(), {"--split-seed", "7"});
    const testing::Finished warned = testing::run(command(other));
    ASSERT_EQ(warned.status, 0) << warned.messages;
    EXPECT_NE(warned.messages.find("tracks of the validation part were in the training of the model"),
              std::string::npos)
        << warned.messages;
    EXPECT_NE(warned.messages.find("warning: not calibrated: the model"), std::string::npos) << warned.messages;
    EXPECT_EQ(load_model(model).calibration, Calibration{});
}

TEST_F(TrainCommand, SaysWhatIsWrong) {
    const auto expect = [&](std::vector<std::string> words, int status, const std::string& text) {
        const testing::Finished result = testing::run(std::move(words));
        EXPECT_EQ(result.status, status) << result.messages;
        EXPECT_NE(result.messages.find(text), std::string::npos) << result.messages;
        EXPECT_FALSE(fs::exists(model));
    };
    expect(command({"--network", "transformer"}), 2, "transformer");
    expect(command({"--epochs", "0"}), 1, "epochs");
    expect(command({"--schedule", "linear"}), 2, "--schedule");
    expect(command({"--average", "1"}), 1, "average");
    expect(command({"--crop-frames", "30"}), 1, "cnn network");
    expect(command({"--dropout", "1.5"}), 2, "--dropout");
    expect(command({"--network-options", "{"}), 1, "--network-options");
    expect(command({"--network-options", R"({"heads": 2})"}), 1, "heads");
    expect(command({"--learning-rate", "fast"}), 2, "--learning-rate");
    expect(command({"--teacher", "/no/such/teacher.safetensors"}), 1, "/no/such/teacher.safetensors");
    expect(command({"--teacher-weight", "0.5"}), 2, "--teacher");
    expect(command({"--start", "/no/such/start.safetensors"}), 1, "/no/such/start.safetensors");
    expect(command({"--targets", "artists"}), 2, "--targets");
    expect(command({"--targets", "tracks"}), 1, "--no-validation");
    std::vector<std::string> words = command();
    words[2] = (folder.path() / "nowhere").string();
    expect(words, 1, "nowhere");
    words = command();
    words[4] = "/no/such/folder/model.safetensors";
    expect(words, 1, "/no/such/folder/model.safetensors");
    expect({EARMARK_BUILD_DIR "/bin/earmark", "train"}, 2, "DATA");
    EXPECT_EQ(testing::run({EARMARK_BUILD_DIR "/bin/earmark", "train", "--help"}).status, 0);
}

TEST_F(TrainCommand, TakesSettingsAndVariables) {
    const fs::path settings = folder.path() / "settings.toml";
    files::write_file(settings,
                      "[train]\ndata = \"" + store.string() + "\"\noutput = \"" + model.string() +
                          "\"\nnetwork = \"mlp\"\nhidden = [8, 4]\nepochs = 9\nno-calibration = true\nthreads = 1\n");
    const Arguments variables{"EARMARK_SETTINGS=" + settings.string(), "EARMARK_TRAIN_EPOCHS=3"};
    const auto trained = [&](const std::string& program, Arguments words) {
        words.insert(words.begin(), program);
        const testing::Finished result = testing::run(words, variables);
        EXPECT_EQ(result.status, 0) << result.messages;
        const nlohmann::json training = nlohmann::json::parse(load_model(model).provenance)["training"];
        EXPECT_EQ(training["network"], "mlp");
        EXPECT_EQ(training["network_options"]["hidden"], (std::vector<int>{8, 4}));
        return std::count(result.messages.begin(), result.messages.end(), '\n');
    };
    const auto lines = trained(EARMARK_BUILD_DIR "/bin/earmark", {"train"});
    EXPECT_EQ(trained(EARMARK_BUILD_DIR "/bin/earmark", {"train", "--epochs", "2"}), lines - 1);
    EXPECT_EQ(trained(EARMARK_BUILD_DIR "/bin/earmark-train", {}), lines) << "by itself, too";
    const testing::Finished wrong =
        testing::run({EARMARK_BUILD_DIR "/bin/earmark-train"}, {"EARMARK_TRAIN_EPOCHS=few"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_NE(wrong.messages.find("$EARMARK_TRAIN_EPOCHS"), std::string::npos) << wrong.messages;
}

TEST_F(TrainCommand, ReportsAFullDisk) {
    std::string line = "trap '' XFSZ; ulimit -f 40; exec";
    for (const std::string& word : command()) line += " '" + word + "'";
    const testing::Finished result = testing::run({"bash", "-c", line});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.messages.find("cannot be written"), std::string::npos) << result.messages;
    EXPECT_FALSE(fs::exists(model));
}

}  // namespace
}  // namespace earmark::training
