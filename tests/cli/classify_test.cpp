#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "earmark/model.hpp"
#include "formats/csv.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;
using testing::run;
using testing::write_wav;

class ClassifyCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(music);
        save_model(testing::random_model("cnn"), model);
        testing::write_wav(music / "a.wav", testing::tones(31.0), 22050);
        testing::write_wav(music / "b.wav", testing::tones(7.0, 500.0), 22050);
    }

    testing::Finished classify(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"classify", "--model", model.string()});
        return testing::earmark(arguments);
    }

    static std::vector<json> lines(const std::string& text) {
        std::vector<json> result;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) result.push_back(json::parse(line));
        return result;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path model = folder.path() / "model.safetensors";
};

TEST_F(ClassifyCommand, WritesTheJsonOfTheContract) {
    const testing::Finished result = classify({"--format", "json", (music / "a.wav").string()});
    ASSERT_EQ(result.status, 0) << result.messages;
    EXPECT_EQ(result.messages, "");
    const auto objects = lines(result.output);
    ASSERT_EQ(objects.size(), 1U);
    const json& object = objects[0];
    EXPECT_EQ(object["path"], (music / "a.wav").string());
    EXPECT_NEAR(object["duration_seconds"].get<double>(), 31.0, 1e-3);
    ASSERT_EQ(object["probabilities"].size(), 10U);
    double sum = 0.0;
    double highest = 0.0;
    for (const json& probability : object["probabilities"]) {
        sum += probability.get<double>();
        highest = std::max(highest, probability.get<double>());
    }
    EXPECT_NEAR(sum, 1.0, 1e-4);
    EXPECT_EQ(object["probability"].get<double>(), highest);
    EXPECT_EQ(object["probabilities"][object["genre"].get<std::string>()].get<double>(), highest);
    EXPECT_EQ(object["uncertain"], false);
    ASSERT_EQ(object["segments"].size(), 5U);
    EXPECT_EQ(object["segments"][1]["start_seconds"], 6.0);
    EXPECT_EQ(object["segments"][1]["end_seconds"], 12.0);
    EXPECT_EQ(object["segments"][1]["probabilities"].size(), 10U);
}

TEST_F(ClassifyCommand, TakesFoldersAndGoesOnAfterBadFiles) {
    fs::create_directories(music / "deep" / "er");
    testing::write_wav(music / "deep" / "er" / "c.wav", testing::tones(6.0), 22050);
    std::ofstream(music / "broken.mp3") << "this is no music at all, though its name says so";
    std::ofstream(music / "empty.flac");
    std::ofstream(music / "cover.jpg") << "a picture";
    std::ofstream(music / ".hidden.wav") << "hidden";
    const testing::Finished result =
        classify({"--format", "json", music.string(), (folder.path() / "missing.mp3").string()});
    EXPECT_EQ(result.status, 1);
    std::map<std::string, json> found;
    for (const json& object : lines(result.output)) found[fs::path(object["path"]).filename()] = object;
    ASSERT_EQ(found.size(), 6U) << result.output;
    for (const char* good : {"a.wav", "b.wav", "c.wav"}) EXPECT_TRUE(found.at(good).contains("genre")) << good;
    for (const char* bad : {"broken.mp3", "empty.flac", "missing.mp3"}) {
        const json& error = found.at(bad).at("error");
        EXPECT_FALSE(error.at("message").get<std::string>().empty());
        EXPECT_NE(error.at("message").get<std::string>().find(bad), std::string::npos) << error;
        EXPECT_NE(result.messages.find(error.at("message").get<std::string>()), std::string::npos);
    }
    EXPECT_EQ(found.at("missing.mp3")["error"]["code"], "not_found");
    EXPECT_EQ(found.at("broken.mp3")["error"]["code"], "no_audio");
}

TEST_F(ClassifyCommand, GivesTheSameOnOneCoreAsOnTwo) {
    const testing::Finished one = classify({"--jobs", "1", "--format", "json", music.string()});
    const testing::Finished two = classify({"--jobs", "2", "--format", "json", music.string()});
    EXPECT_EQ(one.output, two.output);
}

TEST_F(ClassifyCommand, AnalyzesExcerpts) {
    testing::write_wav(music / "long.wav", testing::tones(100.0), 22050);
    const testing::Finished result = classify({"--excerpts", "4", "--format", "json", (music / "long.wav").string()});
    ASSERT_EQ(result.status, 0) << result.messages;
    const json object = lines(result.output).at(0);
    EXPECT_NEAR(object["duration_seconds"].get<double>(), 100.0, 1e-3);
    ASSERT_EQ(object["segments"].size(), 4U);
    EXPECT_EQ(object["segments"][0]["start_seconds"], 12.0);
    EXPECT_EQ(object["segments"][3]["end_seconds"], 90.0);
    EXPECT_EQ(lines(classify({"--excerpts", "50", "--format", "json", (music / "b.wav").string()}).output),
              lines(classify({"--format", "json", (music / "b.wav").string()}).output));
    EXPECT_EQ(classify({"--excerpts", "-1", music.string()}).status, 2);
}

TEST_F(ClassifyCommand, ReadsStandardInput) {
    const auto piped = [&](const std::string& source) {
        const std::string program = (fs::path(EARMARK_BUILD_DIR) / "bin" / "earmark").string();
        return run(
            {"sh", "-c", source + " | '" + program + "' classify --format json --model '" + model.string() + "' -"});
    };
    const testing::Finished result = piped("cat '" + (music / "b.wav").string() + "'");
    ASSERT_EQ(result.status, 0) << result.messages;
    const json from_input = lines(result.output).at(0);
    const json from_file = lines(classify({"--format", "json", (music / "b.wav").string()}).output).at(0);
    EXPECT_EQ(from_input["path"], "-");
    EXPECT_EQ(from_input["probabilities"], from_file["probabilities"]);

    const testing::Finished empty = piped("true");
    EXPECT_EQ(empty.status, 1);
    EXPECT_NE(empty.messages.find("earmark: standard input"), std::string::npos) << empty.messages;
}

TEST_F(ClassifyCommand, AnalyzesAFileNamedTwiceOnce) {
    EXPECT_EQ(lines(classify({"--format", "json", (music / "a.wav").string(), music.string()}).output).size(), 2U);
}

TEST_F(ClassifyCommand, WritesTheTable) {
    const testing::Finished result = classify({"--top", "2", (music / "a.wav").string()});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.output.find("a.wav"), std::string::npos);
    EXPECT_NE(result.output.find("0:31"), std::string::npos);
    std::size_t percents = 0;
    for (char character : result.output) percents += character == '%';
    EXPECT_EQ(percents, 2U) << result.output;
    const testing::Finished course = classify({"--segments", "--top", "1", (music / "a.wav").string()});
    percents = 0;
    for (char character : course.output) percents += character == '%';
    EXPECT_EQ(percents, 6U) << course.output;
}

TEST_F(ClassifyCommand, WritesCsv) {
    fs::rename(music / "b.wav", music / "b, \"quoted\"\n.wav");
    const formats::CsvTable table = formats::parse_csv(classify({"--format", "csv", music.string()}).output, "output");
    EXPECT_EQ(table.header.size(), 16U);
    EXPECT_EQ(table.rows[0][table.column("not_music")], "");
    EXPECT_EQ(table.rows[0][table.column("uncertain")], "false");
    ASSERT_EQ(table.rows.size(), 2U);
    EXPECT_EQ(table.rows[1][table.column("path")], (music / "b, \"quoted\"\n.wav").string());
    const formats::CsvTable course =
        formats::parse_csv(classify({"--segments", "--format", "csv", music.string()}).output, "output");
    EXPECT_EQ(course.rows.size(), 6U);
    EXPECT_EQ(course.rows[1][course.column("start_seconds")], "6.000");
}

TEST_F(ClassifyCommand, MarksUncertainPredictions) {
    const json sure = lines(classify({"--format", "json", (music / "a.wav").string()}).output).at(0);
    const std::string genre = sure["genre"];
    Model doubting = load_model(model);
    doubting.calibration.threshold = sure["probability"].get<double>() + 0.01;
    save_model(doubting, model);
    json object = lines(classify({"--format", "json", (music / "a.wav").string()}).output).at(0);
    EXPECT_EQ(object["uncertain"], true);
    object["uncertain"] = false;
    EXPECT_EQ(object, sure);

    const testing::Finished shown = classify({"--top", "1", "--segments", (music / "a.wav").string()});
    EXPECT_EQ(shown.status, 0);
    const std::string doubt = genre + "?";
    EXPECT_NE(shown.output.find(doubt), std::string::npos) << shown.output;
    EXPECT_EQ(shown.output.find('?'), shown.output.rfind('?')) << "once, for the track";
    EXPECT_NE(shown.messages.find("the model's threshold"), std::string::npos) << shown.messages;

    const formats::CsvTable table =
        formats::parse_csv(classify({"--format", "csv", (music / "a.wav").string()}).output, "output");
    EXPECT_EQ(table.rows[0][table.column("uncertain")], "true");
    EXPECT_EQ(table.rows[0][table.column("genre")], genre);
    const formats::CsvTable course =
        formats::parse_csv(classify({"--segments", "--format", "csv", (music / "a.wav").string()}).output, "output");
    EXPECT_EQ(course.header.size(), 15U);
    EXPECT_EQ(course.header[5], "genre0");

    doubting.calibration.threshold = 0.01;
    save_model(doubting, model);
    EXPECT_EQ(classify({music.string()}).output.find('?'), std::string::npos);
}

TEST_F(ClassifyCommand, TakesAnyBytesAsAName) {
    const fs::path odd = music / "caf\xe9 \x01.wav";
    fs::rename(music / "b.wav", odd);
    const testing::Finished json_result = classify({"--format", "json", odd.string()});
    EXPECT_EQ(json_result.status, 0) << json_result.messages;
    EXPECT_EQ(lines(json_result.output).size(), 1U);
    EXPECT_EQ(classify({odd.string()}).status, 0);
}

TEST_F(ClassifyCommand, ReportsErrors) {
    const auto expect = [](const testing::Finished& result, int status, const std::string& text) {
        EXPECT_EQ(result.status, status) << result.messages;
        EXPECT_NE(result.messages.find(text), std::string::npos) << result.messages;
        EXPECT_EQ(result.output, "");
    };
    fs::create_directories(folder.path() / "nothing");
    expect(classify({(folder.path() / "nothing").string()}), 1, "no audio file in this folder");
    expect(classify({(folder.path() / "missing").string()}), 1, "missing");
    expect(testing::earmark({"classify", "--model", "/none.safetensors", music.string()}), 1, "/none.safetensors");
    std::ofstream(folder.path() / "cut.safetensors") << "1234";
    expect(testing::earmark({"classify", "--model", (folder.path() / "cut.safetensors").string(), music.string()}), 1,
           "cut.safetensors");
    expect(testing::earmark({"classify"}), 2, "PATH");
    expect(classify({"--format", "xml", music.string()}), 2, "xml");
    expect(classify({"--top", "0", music.string()}), 2, "--top");
    expect(classify({"--bogus", music.string()}), 2, "--bogus");
    expect(classify({"--formt", "csv", music.string()}), 2, "unknown option \"--formt\". Did you mean --format?");
    expect(classify({"--top", "two", music.string()}), 2, "earmark: --top: `two` is no number. See `earmark classify");
    expect(classify({"--top", "0", music.string()}), 2, "0 is out of range. Give a whole number from 1 to 1000");
    expect(classify({"https://example.org/a.mp3"}), 1, "is a URL, and only local files are read. Download it first.");
    expect(testing::earmark({"store"}), 2, "a command is missing: create, import, info.");
    expect(testing::earmark({"listen"}), 2, "listen");
}

TEST_F(ClassifyCommand, WarnsOfOddFilesUnlessQuiet) {
    // The data chunk claims more bytes than the file has.
    const fs::path cut = music / "cut.wav";
    testing::write_wav(cut, testing::tones(20.0), 22050);
    fs::resize_file(cut, fs::file_size(cut) / 2);
    const testing::Finished result = classify({"--format", "json", cut.string()});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.messages.find("warning"), std::string::npos) << result.messages;
    EXPECT_NEAR(lines(result.output)[0]["duration_seconds"].get<double>(), 10.0, 0.1);
    EXPECT_FALSE(lines(result.output)[0]["warnings"].empty());
    EXPECT_EQ(classify({"--quiet", "--format", "json", cut.string()}).messages, "");
}

TEST_F(ClassifyCommand, ReportsAFullDisk) {
    const testing::Finished result = testing::run({"sh", "-c",
                                                   EARMARK_BUILD_DIR "/bin/earmark classify --model '" +
                                                       model.string() + "' '" + music.string() + "' > /dev/full"});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.messages.find("standard output"), std::string::npos) << result.messages;
}

TEST(Program, LinksNoTorch) {
    const testing::Finished result = testing::run({"ldd", EARMARK_BUILD_DIR "/bin/earmark"});
    ASSERT_EQ(result.status, 0);
    EXPECT_NE(result.output.find("libdnnl"), std::string::npos);
    EXPECT_EQ(result.output.find("torch"), std::string::npos) << result.output;
    EXPECT_EQ(result.output.find("blas"), std::string::npos) << result.output;
}

TEST(Program, GivesAShortHelpWhenItStandsAlone) {
    const testing::Finished alone = testing::earmark({});
    EXPECT_EQ(alone.status, 0);
    EXPECT_EQ(alone.messages, "");
    EXPECT_NE(alone.output.find("earmark classify"), std::string::npos) << alone.output;
    EXPECT_LT(std::ranges::count(alone.output, '\n'), 15);
}

TEST(Program, DescribesItself) {
    const testing::Finished version = testing::earmark({"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_EQ(version.output.rfind("earmark ", 0), 0U);
    const testing::Finished help = testing::earmark({"--help"});
    EXPECT_EQ(help.status, 0);
    for (const char* command : {"classify", "features", "plot", "store", "train", "evaluate", "baseline", "model"}) {
        EXPECT_NE(help.output.find(command), std::string::npos) << command;
    }
    for (const char* command : {"classify", "features", "plot", "store", "evaluate", "baseline", "model"}) {
        EXPECT_EQ(testing::earmark({command, "--help"}).status, 0) << command;
    }
}

TEST(Program, TrainsOnlyWhereItWasBuiltTo) {
    const testing::Finished help = testing::earmark({"train", "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.output.find("--network"), std::string::npos) << help.output;
    const testing::TemporaryFolder folder;
    const testing::Finished result =
        testing::earmark({"train", folder.path() / "nowhere", "--output", folder.path() / "model"});
    EXPECT_EQ(result.status, 1);
    const bool built = fs::exists(EARMARK_BUILD_DIR "/bin/earmark-train");
    EXPECT_NE(result.messages.find(built ? "nowhere: no such folder" : "built without training"), std::string::npos)
        << result.messages;
}

}  // namespace
}  // namespace earmark
