// `earmark playlist`.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "files/atomic_file.hpp"
#include "support/fake_index.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::FakeTrack;
using testing::Finished;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class PlaylistCommand : public ::testing::Test {
  protected:
    void add(const fs::path& name, testing::FakeTrack track) {
        track.path = music / name;
        testing::FakeIndex(index).add_with_file(track);
    }

    testing::Finished playlist(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"playlist", "--index", index.string()});
        return testing::earmark(arguments);
    }

    static std::vector<json> lines_of(const testing::Finished& result) {
        std::vector<json> lines;
        std::istringstream stream(result.output);
        for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
        return lines;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path index = folder.path() / "index.sqlite";
};

TEST_F(PlaylistCommand, WritesAPlaylistBesideTheMusic) {
    add("a/one.mp3", {.artist = "Ann", .title = "One", .seconds = 61.0});
    add("b/two.mp3", {.probability = 0.7, .artist = "Bob", .title = "Two"});
    add("b/three.mp3", {.genre = "rock"});
    const fs::path output = music / "lists" / "jazz.m3u8";
    fs::create_directories(output.parent_path());
    const testing::Finished result = playlist({"--genre", "Jazz", "--output", output.string()});
    EXPECT_EQ(result.status, 0) << result.messages;
    EXPECT_EQ(result.output, "");
    EXPECT_TRUE(contains(result.messages, "2 tracks, 4:21: " + output.string())) << result.messages;
    EXPECT_EQ(files::read_file(output),
              "#EXTM3U\n#PLAYLIST:Jazz\n#EXTINF:61,Ann - One\n../a/one.mp3\n#EXTINF:200,Bob - Two\n../b/two.mp3\n");
    EXPECT_EQ(playlist({"--genre", "jazz", "--output", output.string(), "--quiet"}).messages, "");

    const testing::Finished absolute = playlist({"--genre", "jazz", "--absolute", "--name", "Mine", "--limit", "1"});
    EXPECT_EQ(absolute.output,
              "#EXTM3U\n#PLAYLIST:Mine\n#EXTINF:61,Ann - One\n" + (music / "a/one.mp3").string() + "\n");
}

TEST_F(PlaylistCommand, BeginsPathsAtTheFolderThatLinksLeadTo) {
    add("a/one.mp3", {});
    fs::create_directories(folder.path() / "far" / "away");
    fs::create_directory_symlink(folder.path() / "far" / "away", folder.path() / "near");
    const fs::path output = folder.path() / "near" / "x.m3u";
    EXPECT_EQ(playlist({"--genre", "jazz", "--output", output.string()}).status, 0);
    const std::string text = files::read_file(output);
    EXPECT_TRUE(contains(text, "\n../../music/a/one.mp3\n")) << text;
    EXPECT_TRUE(fs::exists(output.parent_path() / "../../music/a/one.mp3"));
}

TEST_F(PlaylistCommand, FindsTracksLikeOthers) {
    add("seed.mp3", {.title = "Seed", .embedding = {1.0F, 0.0F}});
    add("near.mp3", {.genre = "rock", .embedding = {0.8F, 0.6F}});
    add("far.mp3", {.embedding = {0.0F, 1.0F}});
    const std::string seed = (music / "seed.mp3").string();
    const testing::Finished text = playlist({"--like", seed});
    EXPECT_TRUE(contains(text.output, "#PLAYLIST:like Seed\n")) << text.output << text.messages;
    const auto tracks = lines_of(playlist({"--like", seed, "--format", "json"}));
    ASSERT_EQ(tracks.size(), 3U);
    EXPECT_EQ(tracks[0]["path"], seed);
    EXPECT_EQ(tracks[1]["path"], (music / "near.mp3").string());
    EXPECT_NEAR(tracks[1]["similarity"].get<double>(), 0.8, 1e-6);
    EXPECT_EQ(tracks[1]["genre"], "rock");
    EXPECT_NEAR(tracks[1]["probability"].get<double>(), 0.9, 1e-6);
    EXPECT_EQ(lines_of(playlist({"--like", seed, "--genre", "jazz", "--format", "json"})).size(), 2U);
    EXPECT_EQ(lines_of(playlist({"--genre", "rock", "--format", "json"}))[0].count("similarity"), 0U);
}

TEST_F(PlaylistCommand, AnalyzesATrackThatTheIndexDoesNotKnow) {
    const fs::path model = folder.path() / "model.safetensors";
    save_model(testing::random_model("mlp"), model);
    for (const double frequency : {220.0, 300.0, 400.0}) {
        testing::write_wav(music / (std::to_string(frequency) + ".wav"), testing::tones(1.0, frequency));
    }
    ASSERT_EQ(testing::earmark({"scan", "--index", index.string(), "--model", model.string(), music.string()}).status,
              0);
    const fs::path track = folder.path() / "new.wav";
    testing::write_wav(track, testing::tones(1.0, 301.0));
    const auto tracks = lines_of(playlist({"--like", track.string(), "--model", model.string(), "--format", "json"}));
    ASSERT_EQ(tracks.size(), 4U);
    EXPECT_EQ(tracks[0]["path"], track.string());
    EXPECT_NEAR(tracks[0]["similarity"].get<double>(), 1.0, 1e-6);

    const testing::Finished refused = playlist({"--like", track.string()});
    EXPECT_EQ(refused.status, 1);
    EXPECT_TRUE(contains(refused.messages, "random mlp") && contains(refused.messages, "--model")) << refused.messages;
    const testing::Finished missing =
        playlist({"--like", (folder.path() / "none.mp3").string(), "--model", model.string()});
    EXPECT_EQ(missing.status, 1);
    EXPECT_TRUE(contains(missing.messages, "none.mp3")) << missing.messages;
}

TEST_F(PlaylistCommand, TakesAnyNameThatAPlaylistCanHold) {
    add("caf\xe9.mp3", {.probability = 0.95, .title = "Caf\xe9"});
    add("line\nbreak.mp3", {});
    add("plain.mp3", {.probability = 0.8});
    const fs::path output = music / "x.m3u8";
    const testing::Finished result = playlist({"--genre", "jazz", "--output", output.string()});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(contains(result.messages, "line\\nbreak.mp3: is left out")) << result.messages;
    EXPECT_EQ(files::read_file(output),
              "#EXTM3U\n#PLAYLIST:jazz\n#EXTINF:200,Caf\uFFFD\ncaf\xe9.mp3\n#EXTINF:200,plain\nplain.mp3\n");
    EXPECT_EQ(lines_of(playlist({"--genre", "jazz", "--format", "json"})).size(), 3U);
}

TEST_F(PlaylistCommand, ReportsTracksThatAreLeftOut) {
    add("a.mp3", {});
    add("b.mp3", {});
    add("c.mp3", {});
    fs::remove(music / "b.mp3");
    {
        testing::FakeIndex fake(index);
        const std::int64_t another = fake.add_model("another");
        fake.add({.path = music / "c.mp3"}, another);  // which both models have analyzed now
        std::ofstream(music / "d.mp3").flush();
        fake.add({.path = music / "d.mp3", .embedding = {0.0F, 1.0F}}, another);
        fake.add_with_file({.path = music / "e.mp3", .genre = "rock"});
    }
    const testing::Finished by_genre = playlist({"--genre", "jazz"});
    EXPECT_EQ(by_genre.status, 0);
    EXPECT_TRUE(contains(by_genre.messages, "left out: 1 whose files are not there")) << by_genre.messages;
    const testing::Finished match = playlist({"--like", (music / "a.mp3").string()});
    EXPECT_TRUE(contains(match.messages, "left out: 1 that another model")) << match.messages;
    EXPECT_TRUE(contains(match.output, "c.mp3")) << "it does not matter which model names the genre";
    EXPECT_FALSE(contains(match.output, "d.mp3"));
    EXPECT_EQ(playlist({"--like", (music / "a.mp3").string(), "--quiet"}).messages, "");
}

TEST_F(PlaylistCommand, FillsHours) {
    for (int i = 0; i < 60; ++i) add(std::to_string(i) + ".mp3", {.seconds = 60.0});
    EXPECT_EQ(lines_of(playlist({"--genre", "jazz", "--format", "json"})).size(), 50U);
    EXPECT_EQ(lines_of(playlist({"--genre", "jazz", "--format", "json", "--hours", "0.9"})).size(), 54U);
    EXPECT_EQ(lines_of(playlist({"--genre", "jazz", "--format", "json", "--hours", "0.9", "--limit", "7"})).size(), 7U);
    const std::vector<std::string> shuffled{"--genre", "jazz", "--shuffle", "--seed", "4"};
    EXPECT_EQ(playlist(shuffled).output, playlist(shuffled).output);
    EXPECT_NE(playlist(shuffled).output, playlist({"--genre", "jazz"}).output);
}

TEST_F(PlaylistCommand, ReportsErrors) {
    EXPECT_EQ(playlist({"--genre", "jazz"}).status, 1) << "there is no index";
    add("a.mp3", {});
    EXPECT_EQ(playlist({}).status, 2);
    EXPECT_EQ(playlist({"--genre", "jazz", "--output", "x.txt"}).status, 2);
    EXPECT_EQ(playlist({"--genre", "jazz", "--seed", "1"}).status, 2);
    EXPECT_EQ(playlist({"--genre", "jazz", "--hours", "0"}).status, 2);
    EXPECT_TRUE(contains(playlist({"--genre", "polka"}).messages, "blues, jazz, metal, rock"));
    const fs::path output = folder.path() / "none" / "x.m3u8";
    const testing::Finished unwritable = playlist({"--genre", "jazz", "--output", output.string()});
    EXPECT_EQ(unwritable.status, 1);
    EXPECT_TRUE(contains(unwritable.messages, output.string())) << unwritable.messages;
    std::ofstream(folder.path() / "kept.m3u8") << "kept";
    const testing::Finished nothing = playlist({"--genre", "rock", "--output", (folder.path() / "kept.m3u8").string()});
    EXPECT_EQ(nothing.status, 1);
    EXPECT_TRUE(contains(nothing.messages, "no track of the index matches"));
    EXPECT_EQ(files::read_file(folder.path() / "kept.m3u8"), "kept");
    EXPECT_EQ(testing::earmark({"playlist", "--help"}).status, 0);
}

}  // namespace
}  // namespace earmark
