// `earmark tag`: what is shown, written and undone, as a user runs it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "audio/content.hpp"
#include "files/atomic_file.hpp"
#include "files/descriptor.hpp"
#include "library/tags/track_content.hpp"
#include "metadata/edit/edit.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;
using Genres = std::vector<std::string>;

/// The synthetic clips, analyzed by a network of random weights.
class TagCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        save_model(testing::random_model("mlp"), model);
        for (const char* name :
             {"synthetic-blues.mp3", "synthetic-jazz.flac", "synthetic-metal.ogg", "synthetic-pop.m4a"}) {
            fs::copy_file(fs::path(EARMARK_SOURCE_DIR) / "tests/clips" / name, music / name);
            fs::permissions(music / name, fs::perms::owner_write, fs::perm_options::add);
        }
        write_genres(music / "synthetic-jazz.flac", Genres{"Bebop"});
        write_genres(music / "synthetic-blues.mp3", {});
        write_genres(music / "synthetic-metal.ogg", {});
        write_genres(music / "synthetic-pop.m4a", {});
        scan();
    }

    static void write_genres(const fs::path& file, const Genres& genres) {
        const files::Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
        ASSERT_TRUE(descriptor.is_open()) << file;
        metadata::edit_fields(descriptor.get(), std::vector<metadata::FieldEdit>{{metadata::Field::genre, genres}});
    }

    testing::Finished run(const std::string& command, std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.begin(), {command, "--index", index.string()});
        return testing::earmark(arguments);
    }

    json scan() const {
        const testing::Finished result = run("scan", {"--model", model.string(), music.string(), "--format", "json"});
        EXPECT_EQ(result.status, 0) << result.messages;
        return json::parse(result.output);
    }

    /// What `tag` says of each file, by name. The network of random weights is sure of nothing, so what is not asked for
    /// takes all.
    std::map<std::string, json> tag(std::vector<std::string> arguments, int status = 0) {
        const auto has = [&](const char* word) { return std::ranges::find(arguments, word) != arguments.end(); };
        if (!has("--minimum-probability") && !has("--undo")) {
            arguments.insert(arguments.end(), {"--minimum-probability", "0"});
        }
        return said_by_tag(arguments, status);
    }

    std::map<std::string, json> said_by_tag(std::vector<std::string> arguments, int status = 0) {
        arguments.insert(arguments.end(), {"--format", "json"});
        const testing::Finished result = run("tag", arguments);
        EXPECT_EQ(result.status, status) << result.messages;
        messages = result.messages;
        std::map<std::string, json> said;
        std::istringstream stream(result.output);
        for (std::string line; std::getline(stream, line);) {
            const json object = json::parse(line);
            said[fs::path(object["path"].get<std::string>()).filename()] = object;
        }
        return said;
    }

    std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> result;
        for (const auto& entry : fs::directory_iterator(music)) {
            result[entry.path().filename()] = files::read_file(entry.path());
        }
        return result;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path();
    testing::TemporaryFolder other;
    fs::path model = other.path() / "model.safetensors";
    fs::path index = other.path() / "index.sqlite";
    std::string messages;
};

TEST_F(TagCommand, ShowsFirstAndWritesWhenAsked) {
    const auto before = contents();
    const auto shown = tag({});
    ASSERT_EQ(shown.size(), 3U) << "the one with a genre is left alone";
    EXPECT_EQ(shown.at("synthetic-pop.m4a")["before"], json::array());
    EXPECT_EQ(shown.at("synthetic-pop.m4a")["written"], false);
    EXPECT_NE(messages.find("3 files would get a genre"), std::string::npos) << messages;
    EXPECT_NE(messages.find("1 with a genre"), std::string::npos) << messages;
    EXPECT_EQ(contents(), before);

    const auto written = tag({"--write"});
    ASSERT_EQ(written.size(), 3U);
    for (const auto& [name, said] : written) {
        EXPECT_EQ(said["after"], shown.at(name)["after"]);
        EXPECT_EQ(library::read_track_tags(music / name)->genres, said["after"].get<Genres>()) << name;
    }
    EXPECT_EQ(library::read_track_tags(music / "synthetic-jazz.flac")->genres, Genres{"Bebop"});
    EXPECT_TRUE(tag({"--write"}).empty()) << "there is nothing more to write";
    const json second = scan();
    EXPECT_EQ(second["unchanged"], 4) << "a scan does not take the files for changed";
}

TEST_F(TagCommand, GroupsThePreviewAndWritesOnlyWhatIsSure) {
    const auto shown = said_by_tag({});
    ASSERT_EQ(shown.size(), 3U);
    for (const auto& [name, said] : shown) {
        EXPECT_EQ(said["certainty"], "likely") << "a network of random weights is sure of nothing";
        EXPECT_EQ(said["planned"], false);
    }
    EXPECT_NE(messages.find("0 files would get a genre"), std::string::npos) << messages;
    EXPECT_NE(messages.find("was not measured on tracks that had no part in it: 90 % count as sure"), std::string::npos)
        << messages;
    const auto before = contents();
    EXPECT_TRUE(said_by_tag({"--write"}).empty());
    EXPECT_NE(messages.find("nothing to write"), std::string::npos) << messages;
    EXPECT_EQ(contents(), before);
    for (const auto& [name, said] : tag({})) EXPECT_EQ(said["planned"], true);
}

TEST_F(TagCommand, OffersNoUndoOfARunThatWroteNothing) {
    for (const auto& [name, bytes] : contents()) {
        fs::permissions(music / name, fs::perms::owner_read);
    }
    tag({"--write"}, 1);
    EXPECT_NE(messages.find("0 files written, 3 failed\n"), std::string::npos) << messages;
    EXPECT_EQ(messages.find("--undo"), std::string::npos) << messages;
    EXPECT_EQ(run("tag", {"--runs", "--format", "json"}).output, "");
}

TEST_F(TagCommand, FillsGenresThatSayNothing) {
    write_genres(music / "synthetic-pop.m4a", {"Unknown"});
    write_genres(music / "synthetic-metal.ogg", {"Other"});
    scan();
    EXPECT_EQ(tag({}).size(), 3U);
    EXPECT_EQ(tag({}).at("synthetic-pop.m4a")["before"], json::array());
    EXPECT_EQ(tag({"--missing-genre", "Unknown"}).size(), 2U);
    EXPECT_EQ(tag({"--missing-genre", ""}).size(), 1U);
    const fs::path settings = other.path() / "settings.toml";
    files::write_file(settings, "missing-genre = [\"Unknown\", \"Bebop\"]\n");
    EXPECT_EQ(tag({"--settings", settings.string()}).size(), 3U);
    EXPECT_EQ(tag({"--settings", settings.string(), "--write"}).size(), 3U);
    scan();
    tag({"--undo"});
    EXPECT_EQ(library::read_track_tags(music / "synthetic-pop.m4a")->genres, Genres{"Unknown"});
}

TEST_F(TagCommand, ReadsBackAsManyGenresAsItWrote) {
    for (const auto& [name, said] : tag({"--top", "3", "--further", "0", "--write", "--replace"})) {
        ASSERT_EQ(said["after"].size(), 3U) << name;
        EXPECT_EQ(library::read_track_tags(music / name)->genres, said["after"].get<Genres>()) << name;
    }
    EXPECT_EQ(scan()["unchanged"], 4);
    EXPECT_TRUE(tag({"--top", "3", "--further", "0", "--replace"}).empty()) << "all have these genres";
}

TEST_F(TagCommand, UndoesARunByteForByte) {
    const auto before = contents();
    tag({"--write", "--replace"});
    const auto after = contents();
    for (const auto& [name, bytes] : before) EXPECT_NE(after.at(name), bytes) << name;
    const testing::Finished runs = run("tag", {"--runs", "--format", "json"});
    EXPECT_EQ(json::parse(runs.output)["changed"], 4);

    fs::rename(music / "synthetic-blues.mp3", music / "renamed.mp3");
    scan();
    tag({"--undo"});
    EXPECT_NE(messages.find("4 files restored, 4 of them byte for byte; 0 failed"), std::string::npos) << messages;
    auto expected = before;
    expected["renamed.mp3"] = before.at("synthetic-blues.mp3");
    expected.erase("synthetic-blues.mp3");
    EXPECT_EQ(contents(), expected);
    EXPECT_EQ(scan()["unchanged"], 4);
    tag({"--undo"}, 1);
    EXPECT_NE(messages.find("nothing to undo"), std::string::npos) << messages;
    tag({"--undo", "77"}, 1);
    EXPECT_NE(messages.find("no run 77"), std::string::npos) << messages;
}

TEST_F(TagCommand, ChoosesFilesAndGenres) {
    EXPECT_EQ(tag({(music / "synthetic-pop.m4a").string()}).size(), 1U);
    EXPECT_EQ(tag({music.string(), music.string()}).size(), 3U);
    EXPECT_EQ(tag({"--replace"}).size(), 4U);
    EXPECT_TRUE(tag({"--minimum-probability", "1"}).empty());
    EXPECT_NE(messages.find("3 that the model is not sure enough of"), std::string::npos) << messages;
    for (const auto& [name, said] : tag({"--top", "3", "--further", "0"})) EXPECT_EQ(said["after"].size(), 3U) << name;
    EXPECT_EQ(run("tag", {"--top", "0"}).status, 2);
}

TEST_F(TagCommand, WritesNamesOfOnesOwn) {
    const fs::path map = other.path() / "map.txt";
    std::string lines = "# my names\n";
    const std::vector<std::string> labels = load_model(model).labels;
    for (const std::string& label : labels) lines += label + " = My " + label + "  # all of them\n";
    files::write_file(map, lines);
    for (const auto& [name, said] : tag({"--genre-map", map.string()})) {
        EXPECT_EQ(said["after"][0].get<std::string>().substr(0, 3), "My ") << name;
    }
    std::string none;
    for (const std::string& label : labels) none += label + " =\n";
    files::write_file(map, none);
    EXPECT_TRUE(tag({"--genre-map", map.string()}).empty());
    EXPECT_NE(messages.find("3 of genres that are not to be written"), std::string::npos) << messages;
    // What is not written is not made up for by the next best.
    const std::string best = [&] {
        const testing::Finished listed =
            run("list", {"--format", "json", "--folder", (music / "synthetic-pop.m4a").string()});
        return json::parse(listed.output)["genre"].get<std::string>();
    }();
    files::write_file(map, best + " =\n");
    EXPECT_FALSE(tag({"--genre-map", map.string(), "--top", "3", "--further", "0"}).contains("synthetic-pop.m4a"));
    files::write_file(map, "blues Blues\n");
    tag({"--genre-map", map.string()}, 1);
    EXPECT_NE(messages.find("map.txt:1: write a line as"), std::string::npos) << messages;
    files::write_file(map, "polka = Polka\n");
    tag({"--genre-map", map.string()}, 1);
    EXPECT_NE(messages.find("knows no genre \"polka\""), std::string::npos) << messages;
}

TEST_F(TagCommand, GoesOnAfterAFileThatCannotBeWritten) {
    fs::permissions(music / "synthetic-metal.ogg", fs::perms::owner_read);
    const auto before = contents();
    const auto written = tag({"--write"}, 1);
    EXPECT_EQ(written.size(), 2U);
    EXPECT_NE(messages.find("synthetic-metal.ogg: is write-protected"), std::string::npos) << messages;
    EXPECT_EQ(contents().at("synthetic-metal.ogg"), before.at("synthetic-metal.ogg"));
    EXPECT_NE(contents().at("synthetic-pop.m4a"), before.at("synthetic-pop.m4a"));
}

TEST_F(TagCommand, LosesNothingWhenItIsKilled) {
    const auto before = contents();
    std::map<std::string, files::ContentHash::Digest> sounds;
    for (const auto& [name, bytes] : before) sounds[name] = audio::read_content(music / name).hash;
    for (int i = 0; i < 12; ++i) {
        testing::Program program({EARMARK_BUILD_DIR "/bin/earmark", "tag", "--write", "--replace",
                                  "--minimum-probability", "0", "--index", index.string()});
        std::this_thread::sleep_for(std::chrono::milliseconds(4 * i));
        program.signal(SIGKILL);
        program.wait();
        // Whatever happened, each file is whole and sounds as before.
        for (const auto& [name, hash] : sounds) EXPECT_EQ(audio::read_content(music / name).hash, hash) << name;
    }
    tag({"--write", "--replace"});
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(music)) {
        ++files;
        EXPECT_NE(entry.path().filename().string().front(), '.') << "a copy is left: " << entry.path();
    }
    EXPECT_EQ(files, before.size());
    // All runs together can be undone.
    for (int i = 0; i < 14; ++i) {
        if (run("tag", {"--undo", "--quiet"}).status != 0) break;
    }
    EXPECT_TRUE(contents() == before);
}

TEST_F(TagCommand, AsksForAScanOfWhatTheIndexDoesNotKnow) {
    const fs::path unknown = other.path() / "unknown";
    fs::create_directory(unknown);
    EXPECT_TRUE(tag({unknown.string()}, 1).empty());
    EXPECT_NE(messages.find("unknown: the index has nothing of this path. Scan it first: `earmark scan "),
              std::string::npos)
        << messages;
    EXPECT_EQ(messages.find("0 files"), std::string::npos) << messages;
    EXPECT_EQ(tag({music.string(), unknown.string(), "--write"}, 1).size(), 3U) << "the others get theirs";
}

TEST_F(TagCommand, TakesTheFilesOfALinkOnce) {
    fs::create_symlink(music / "synthetic-pop.m4a", music / "link.m4a");
    scan();
    EXPECT_EQ(tag({"--write", "--jobs", "2"}).size(), 3U);
}

/// A disk of its own, which needs the right to mount one.
class TagCommandOnADisk : public TagCommand {
  protected:
    void SetUp() override {
        fs::create_directory(disk);
        if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0) {
            GTEST_SKIP() << "a disk cannot be mounted here: " << std::strerror(errno) << " (root may)";
        }
        mounted = true;
        music = disk;
        TagCommand::SetUp();
    }
    void TearDown() override {
        if (mounted) ::umount2(disk.c_str(), MNT_DETACH);
    }

    fs::path disk = other.path() / "disk";
    bool mounted = false;
};

TEST_F(TagCommandOnADisk, WritesWhatThereIsRoomForAndSaysWhatTheRestNeeds) {
    // Room for a copy of all but the largest.
    const std::uintmax_t room = fs::space(disk).available;
    files::write_file(disk / "filler.txt", std::string(room - 400'000, 'x'));
    const auto before = contents();
    const auto written = tag({"--write", "--replace", "--jobs", "1"}, 1);
    EXPECT_EQ(written.size(), 3U) << messages;
    EXPECT_NE(messages.find("synthetic-jazz.flac: "), std::string::npos) << messages;
    EXPECT_NE(messages.find("No space left on device. The file is as it was. Free some space and try again."),
              std::string::npos)
        << messages;
    EXPECT_EQ(contents().size(), before.size()) << "no copy is left";
    EXPECT_TRUE(contents().at("synthetic-jazz.flac") == before.at("synthetic-jazz.flac"));
    fs::remove(disk / "filler.txt");
    EXPECT_EQ(tag({"--write", "--replace"}).size(), 1U) << "the same command goes on";
}

TEST_F(TagCommandOnADisk, SaysWhenItIsReadOnly) {
    ASSERT_EQ(::mount("none", disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    const auto before = contents();
    EXPECT_TRUE(tag({"--write"}, 1).empty());
    EXPECT_NE(messages.find("synthetic-pop.m4a: is on a disk that is read-only. Mount it for writing"),
              std::string::npos)
        << messages;
    EXPECT_TRUE(contents() == before);
}

TEST_F(TagCommand, NeedsAnIndex) {
    const testing::Finished result = testing::earmark({"tag", "--index", (other.path() / "none.sqlite").string()});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.messages.find("there is no index here"), std::string::npos) << result.messages;
    EXPECT_EQ(testing::earmark({"tag", "--help"}).status, 0);
}

}  // namespace
}  // namespace earmark
