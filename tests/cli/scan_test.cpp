// The library commands: scan, list, forget.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "earmark/classifier.hpp"
#include "formats/csv.hpp"
#include "library/index/index_file.hpp"
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

class LibraryCommands : public ::testing::Test {
  protected:
    void SetUp() override {
        save_model(testing::random_model("mlp"), model);
        make("a.wav", 220.0);
        make("b.wav", 300.0);
    }

    fs::path make(const fs::path& name, double frequency, double seconds = 1.0) const {
        testing::write_wav(music / name, testing::tones(seconds, frequency));
        return music / name;
    }

    std::vector<std::string> scan_command(std::vector<std::string> arguments) const {
        const std::vector<std::string> begin{EARMARK_BUILD_DIR "/bin/earmark",
                                             "scan",
                                             "--index",
                                             index.string(),
                                             "--model",
                                             model.string(),
                                             music.string()};
        arguments.insert(arguments.begin(), begin.begin(), begin.end());
        return arguments;
    }

    /// Scans, and gives the summary that was printed.
    json scan(const std::vector<std::string>& arguments = {}, int status = 0) {
        std::vector<std::string> command = scan_command(arguments);
        command.insert(command.end(), {"--format", "json"});
        const testing::Finished result = testing::run(command);
        EXPECT_EQ(result.status, status) << result.messages;
        messages = result.messages;
        return json::parse(result.output, nullptr, false);
    }

    testing::Finished on_index(const std::string& command, std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.begin(), {command, "--index", index.string()});
        return testing::earmark(arguments);
    }

    /// The entries that `list` gives, by name.
    std::map<std::string, json> entries(std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.end(), {"--format", "json"});
        const testing::Finished result = on_index("list", arguments);
        EXPECT_EQ(result.status, 0) << result.messages;
        std::map<std::string, json> found;
        std::istringstream stream(result.output);
        for (std::string line; std::getline(stream, line);) {
            const json object = json::parse(line);
            found[fs::path(object["path"].get<std::string>()).filename()] = object;
        }
        return found;
    }

    /// Enough files that a scan is still running when it is interrupted.
    void make_many() const {
        for (int i = 0; i < 40; ++i) make(std::to_string(i) + ".wav", 400.0 + 20.0 * i, 20.0);
    }

    /// Waits until a scan has written something.
    void wait_for_an_entry() const {
        for (int i = 0; i < 5000; ++i) {
            const testing::Finished listed = on_index("list");
            if (listed.status == 0 && !listed.output.empty()) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        FAIL() << "the scan wrote nothing";
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path model = folder.path() / "model.safetensors";
    fs::path index = folder.path() / "index.sqlite";
    std::string messages;
};

TEST_F(LibraryCommands, ScanOnceAndAnalyzeNothingTheSecondTime) {
    const json first = scan();
    EXPECT_EQ(first["analyzed"], 2);
    EXPECT_EQ(messages, "");
    EXPECT_EQ(scan()["unchanged"], 2);
    const testing::Finished plain = testing::run(scan_command({}));
    EXPECT_EQ(plain.output, "");
    EXPECT_NE(plain.messages.find("0 analyzed, 2 unchanged, 0 moved, 0 missing, 0 failed"), std::string::npos)
        << plain.messages;
    EXPECT_EQ(testing::run(scan_command({"--quiet"})).messages, "");
}

TEST_F(LibraryCommands, ListWhatClassifyWouldSay) {
    scan();
    const testing::Finished analyzed =
        testing::earmark({"classify", "--model", model.string(), "--format", "json", (music / "a.wav").string()});
    const json expected = json::parse(analyzed.output);
    const json entry = entries().at("a.wav");
    for (const auto& [field, value] : expected.items()) EXPECT_EQ(entry[field], value) << field;
    EXPECT_EQ(entry["size_bytes"], fs::file_size(music / "a.wav"));
    EXPECT_EQ(entry["model"]["name"], "random mlp");
    EXPECT_EQ(entry["content_hash"].get<std::string>().size(), 32U);
    EXPECT_EQ(entry["disagrees"], false);

    const formats::CsvTable table = formats::parse_csv(on_index("list", {"--format", "csv"}).output, "output");
    ASSERT_EQ(table.rows.size(), 2U);
    EXPECT_EQ(table.rows[0][table.column("path")], (music / "a.wav").string());
    EXPECT_EQ(table.rows[0][table.column("genre")], entry["genre"]);
    EXPECT_EQ(table.rows[0][table.column("uncertain")], "false");
    const testing::Finished shown = on_index("list");
    EXPECT_NE(shown.output.find("0:01  " + entry["genre"].get<std::string>()), std::string::npos) << shown.output;
    EXPECT_NE(shown.output.find("b.wav"), std::string::npos);
    EXPECT_EQ(entries({"--limit", "1"}).size(), 1U);
    EXPECT_EQ(entries({"--folder", music.string(), "--sort", "probability"}).size(), 2U);
    EXPECT_EQ(entries({"--minimum-probability", "1"}).size(), 0U);
    EXPECT_EQ(on_index("list", {"--genre", "polka"}).status, 1);
}

TEST_F(LibraryCommands, KnowFilesByTheirSoundWhenTheyMove) {
    scan();
    const json before = entries().at("a.wav");
    fs::create_directories(music / "moved");
    fs::rename(music / "a.wav", music / "moved" / "z.wav");
    const json summary = scan();
    EXPECT_EQ(summary["analyzed"], 0);
    EXPECT_EQ(summary["moved"], 1);
    EXPECT_EQ(summary["missing"], 0);
    EXPECT_EQ(entries().at("z.wav")["probabilities"], before["probabilities"]);
    EXPECT_FALSE(entries().contains("a.wav"));
}

TEST_F(LibraryCommands, ReadTagsAndKnowTheSoundWhenTheyChange) {
    if (testing::run({"ffmpeg", "-version"}).status != 0) {
        GTEST_SKIP() << "the ffmpeg program is not installed (Debian package: ffmpeg)";
    }
    const auto ffmpeg = [](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"ffmpeg", "-nostdin", "-v", "error", "-y"});
        const testing::Finished result = testing::run(arguments);
        ASSERT_EQ(result.status, 0) << result.messages;
    };
    for (const std::string extension : {"mp3", "flac", "ogg", "opus", "m4a"}) {
        ffmpeg({"-i", (music / "a.wav").string(), (music / ("song." + extension)).string()});
    }
    EXPECT_EQ(scan()["analyzed"], 7);
    EXPECT_TRUE(entries({"--disagree"}).empty());
    const std::string genre = entries().at("song.mp3")["genre"];
    for (const std::string extension : {"mp3", "flac", "ogg", "opus", "m4a"}) {
        const std::string track = (music / ("song." + extension)).string();
        const std::string tagged = (folder.path() / ("tagged." + extension)).string();
        ffmpeg({"-i", track, "-c", "copy", "-metadata", "genre=" + (extension == "mp3" ? "Old " + genre : "Polka"),
                "-metadata", "artist=Somebody", tagged});
        fs::rename(tagged, track);
    }
    const json summary = scan();
    EXPECT_EQ(summary["analyzed"], 0);
    EXPECT_EQ(summary["moved"], 5);
    EXPECT_EQ(entries().at("song.flac")["tags"]["genres"], json({"Polka"}));
    EXPECT_EQ(entries().at("song.flac")["tags"]["artist"], "Somebody");
    const auto disagreeing = entries({"--disagree"});
    EXPECT_EQ(disagreeing.size(), 4U);
    EXPECT_FALSE(disagreeing.contains("song.mp3"));
}

TEST_F(LibraryCommands, AnalyzeAgainWithAnotherModel) {
    scan();
    const json before = entries().at("a.wav");
    save_model(testing::random_model("mlp", "{}", 77, 2), model);
    EXPECT_EQ(scan()["analyzed"], 2);
    EXPECT_NE(entries().at("a.wav")["probabilities"], before["probabilities"]);
    EXPECT_EQ(scan()["unchanged"], 2);
}

TEST_F(LibraryCommands, MarkAndForgetWhatIsMissing) {
    scan();
    fs::remove(music / "a.wav");
    EXPECT_EQ(scan()["missing"], 1);
    EXPECT_EQ(entries().size(), 1U);
    EXPECT_TRUE(entries({"--missing"}).at("a.wav").contains("missing"));
    const testing::Finished forgotten = on_index("forget", {"--missing"});
    EXPECT_EQ(forgotten.status, 0);
    EXPECT_EQ(forgotten.output, "1 entry forgotten\n");
    EXPECT_TRUE(entries({"--missing"}).empty());
    EXPECT_EQ(on_index("forget", {music.string()}).output, "1 entry forgotten\n");
    EXPECT_TRUE(entries().empty());
    const testing::Finished nothing = on_index("forget", {music.string()});
    EXPECT_EQ(nothing.status, 1);
    EXPECT_NE(nothing.messages.find(music.string()), std::string::npos);
    EXPECT_EQ(on_index("forget").status, 2);
}

TEST_F(LibraryCommands, PassOverWhatIsToBePassedOver) {
    make("skip/c.wav", 400.0);
    make(".hidden/d.wav", 500.0);
    make("quiet/e.wav", 600.0);
    std::ofstream(music / "quiet" / ".nomedia");
    fs::create_directory_symlink(music, music / "loop");
    std::ofstream(music / "cover.jpg") << "a picture";
    EXPECT_EQ(scan({"--exclude", "skip"})["analyzed"], 2);
    EXPECT_EQ(scan()["analyzed"], 1);
    EXPECT_EQ(scan({"--hidden"})["analyzed"], 1);
    EXPECT_EQ(entries().size(), 4U);
}

TEST_F(LibraryCommands, TakeAnyName) {
    const std::vector<std::string> names = {"caf\xe9.wav", "line\nbreak.wav", "it's \"quoted\", isn't it.wav",
                                            std::string(200, 'n') + ".wav"};
    double frequency = 500.0;
    for (const std::string& name : names) make(name, frequency += 100.0);
    EXPECT_EQ(scan()["analyzed"], 6);
    EXPECT_EQ(scan()["unchanged"], 6);
    const formats::CsvTable table = formats::parse_csv(on_index("list", {"--format", "csv"}).output, "output");
    std::set<std::string> listed;
    for (const auto& row : table.rows) listed.insert(fs::path(row[0]).filename());
    for (const std::string& name : names) EXPECT_TRUE(listed.contains(name)) << name;
    EXPECT_EQ(entries().size(), 6U);
    EXPECT_EQ(on_index("list").status, 0);
    EXPECT_EQ(on_index("forget", {(music / names[0]).string()}).output, "1 entry forgotten\n");
}

TEST_F(LibraryCommands, GoOnAfterBrokenFilesAndSaySo) {
    std::ofstream(music / "broken.mp3") << "no music";
    const json summary = scan({}, 1);
    EXPECT_EQ(summary["analyzed"], 2);
    EXPECT_EQ(summary["failed"], 1);
    EXPECT_NE(messages.find("broken.mp3"), std::string::npos);
    EXPECT_EQ(entries({"--failed"}).at("broken.mp3")["error"]["code"], "no_audio");
    EXPECT_EQ(scan()["failed_before"], 1) << "it was said once";
    EXPECT_EQ(scan({"--retry"}, 1)["failed"], 1);
}

TEST_F(LibraryCommands, SurviveBeingKilled) {
    make_many();
    testing::Program program(scan_command({"--jobs", "2"}));
    wait_for_an_entry();
    program.signal(SIGKILL);
    EXPECT_EQ(program.wait().status, 128 + SIGKILL);
    const auto kept = std::ssize(entries());
    ASSERT_GT(kept, 0);
    const json summary = scan();
    EXPECT_EQ(summary["unchanged"], kept);
    EXPECT_EQ(summary["analyzed"], 42 - kept);
    EXPECT_EQ(entries().size(), 42U);
    EXPECT_EQ(scan()["unchanged"], 42);
}

TEST_F(LibraryCommands, StopAtCtrlC) {
    make_many();
    testing::Program program(scan_command({"--jobs", "2"}));
    wait_for_an_entry();
    program.signal(SIGINT);
    const testing::Finished result = program.wait();
    EXPECT_EQ(result.status, 128 + SIGINT);
    EXPECT_NE(result.messages.find("The same command goes on"), std::string::npos) << result.messages;
    const auto kept = std::ssize(entries());
    EXPECT_LT(kept, 42);
    EXPECT_EQ(scan()["unchanged"], kept);
}

TEST_F(LibraryCommands, TakeTurns) {
    auto lock = std::make_unique<library::IndexLock>(index, library::IndexLock::Wait{});
    const testing::Finished refused = testing::run(scan_command({}));
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.messages.find("process " + std::to_string(::getpid())), std::string::npos) << refused.messages;
    testing::Program waiting(scan_command({"--wait"}));
    ASSERT_TRUE(waiting.wait_for_message("waiting for process"));
    lock.reset();
    EXPECT_EQ(waiting.wait().status, 0);
    EXPECT_EQ(entries().size(), 2U);

    // Two at once: one waits for the other, and does not analyze its files again.
    make("c.wav", 900.0);
    testing::Program first(scan_command({"--wait"}));
    testing::Program second(scan_command({"--wait"}));
    EXPECT_EQ(first.wait().status, 0);
    EXPECT_EQ(second.wait().status, 0);
    EXPECT_EQ(entries().size(), 3U);
}

TEST_F(LibraryCommands, DoNotTakeAnUnmountedDiskForMissing) {
    scan();
    fs::rename(music, folder.path() / "away");
    EXPECT_EQ(scan({}, 1)["missing"], 0);
    EXPECT_NE(messages.find("--mark-missing"), std::string::npos) << messages;
    EXPECT_EQ(entries().size(), 2U);
    EXPECT_EQ(scan({"--mark-missing"})["missing"], 2);
}

TEST_F(LibraryCommands, SayWhatIsWrong) {
    const testing::Finished nowhere = on_index("list");
    EXPECT_EQ(nowhere.status, 1);
    EXPECT_NE(nowhere.messages.find("earmark scan"), std::string::npos) << nowhere.messages;
    EXPECT_EQ(on_index("forget", {"--missing"}).status, 1);
    std::ofstream(index) << std::string(5000, 'x');
    for (const char* command : {"list", "scan"}) {
        const testing::Finished result = on_index(
            command, command == std::string("scan") ? std::vector{music.string()} : std::vector<std::string>());
        EXPECT_EQ(result.status, 1);
        EXPECT_NE(result.messages.find(index.string()), std::string::npos) << result.messages;
    }
    EXPECT_EQ(testing::earmark({"scan"}).status, 2);
    EXPECT_EQ(on_index("list", {"--sort", "colour"}).status, 2);
    EXPECT_EQ(on_index("list", {"--minimum-probability", "2"}).status, 2);
    for (const char* command : {"scan", "list", "forget"}) {
        EXPECT_EQ(testing::earmark({command, "--help"}).status, 0);
        EXPECT_NE(testing::earmark({"--help"}).output.find(command), std::string::npos);
    }
}

TEST_F(LibraryCommands, KeepTheIndexInTheUsersDataFolder) {
    const std::string data = (folder.path() / "data").string();
    const std::vector<std::string> begin{"env", "-u", "EARMARK_INDEX", "XDG_DATA_HOME=" + data,
                                         EARMARK_BUILD_DIR "/bin/earmark"};
    std::vector<std::string> command = begin;
    command.insert(command.end(), {"scan", "--model", model.string(), music.string()});
    EXPECT_EQ(testing::run(command).status, 0);
    EXPECT_TRUE(fs::exists(folder.path() / "data" / "earmark" / "index.sqlite"));
    command = begin;
    command.emplace_back("list");
    EXPECT_NE(testing::run(command).output.find("a.wav"), std::string::npos);
}

}  // namespace
}  // namespace earmark
