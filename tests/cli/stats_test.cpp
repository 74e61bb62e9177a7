// `earmark stats`, and the search options that it shares with other commands.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "formats/csv.hpp"
#include "support/fake_index.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class StatsCommand : public ::testing::Test {
  protected:
    StatsCommand() {
        testing::FakeIndex fake(index);
        fake.add({.path = "/m/a/1.mp3", .tag = "Cool Jazz", .artist = "Ann", .seconds = 3600.0});
        fake.add({.path = "/m/a/2.mp3", .tag = "Pop", .artist = "Ann", .seconds = 1800.0});
        fake.add({.path = "/m/b/3.mp3", .genre = "rock", .uncertain = true, .artist = "Bob", .seconds = 1800.0});
        fake.add_failed("/m/b/4.mp3");
    }

    testing::Finished on_index(const std::string& command, std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.begin(), {command, "--index", index.string()});
        return testing::earmark(arguments);
    }

    json stats(std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.end(), {"--format", "json"});
        const testing::Finished result = on_index("stats", arguments);
        EXPECT_EQ(result.status, 0) << result.messages;
        return json::parse(result.output);
    }

    testing::TemporaryFolder folder;
    fs::path index = folder.path() / "index.sqlite";
};

TEST_F(StatsCommand, SumsUp) {
    const json all = stats();
    EXPECT_EQ(all["files"], 3);
    EXPECT_EQ(all["hours"], 2.0);
    EXPECT_EQ(all["failed"], 1);
    EXPECT_EQ(all["missing"], 0);
    EXPECT_EQ(all["untagged"], 1);
    const json& jazz = all["genres"][0];
    EXPECT_EQ(jazz["genre"], "jazz");
    EXPECT_EQ(jazz["files"], 2);
    EXPECT_EQ(jazz["hours"], 1.5);
    EXPECT_EQ(jazz["tag_agrees"], 1);
    EXPECT_EQ(jazz["tag_otherwise"], 1);
    EXPECT_NEAR(jazz["mean_probability"].get<double>(), 0.9, 1e-6);
    EXPECT_FALSE(all["genres"][3].contains("mean_probability")) << "of nothing there is no mean";
    EXPECT_EQ(all["tagged"], (json{{"files", 2}, {"agree", 1}}));
    EXPECT_EQ(all["tagged_with_known_genre"], (json{{"files", 1}, {"agree", 1}}));
    EXPECT_EQ(all["tags"][0], (json{{"tag", "Cool Jazz"}, {"files", 1}, {"predictions", {{"jazz", 1}}}}));
    EXPECT_EQ(stats({"--tags", "1"})["tags"].size(), 1U);
}

TEST_F(StatsCommand, PrintsTables) {
    const testing::Finished table = on_index("stats");
    EXPECT_EQ(table.status, 0);
    EXPECT_TRUE(contains(table.output, "3 files, 2:00 h; 1 without a genre tag, 1 failed, 0 missing\n"))
        << table.output;
    EXPECT_TRUE(contains(table.output, "With a genre tag: 1 of 2 (50 %) agree")) << table.output;
    EXPECT_TRUE(contains(table.output, "\nCool Jazz      1     1     ·")) << table.output;
    const formats::CsvTable csv = formats::parse_csv(on_index("stats", {"--format", "csv"}).output, "output");
    ASSERT_EQ(csv.rows.size(), 4U);
    EXPECT_EQ(csv.rows[1][csv.column("genre")], "rock");
    EXPECT_EQ(csv.rows[1][csv.column("uncertain")], "1");
    EXPECT_EQ(csv.rows[0][csv.column("share")], "0.6667");
}

TEST_F(StatsCommand, IsOfWhatIsAsked) {
    EXPECT_EQ(stats({"/m/a"})["files"], 2);
    EXPECT_EQ(stats({"/m/a/1.mp3", "/m/b"})["files"], 2);
    EXPECT_EQ(stats({"/m/b"})["failed"], 1);
    EXPECT_EQ(stats({"--artist", "ann"})["files"], 2);
    EXPECT_EQ(stats({"--artist", "ann"})["failed"], 0);
    EXPECT_EQ(stats({"--genre", "rock"})["files"], 1);
    EXPECT_EQ(stats({"--search", "cool mp3"})["files"], 1);
    EXPECT_EQ(stats({"/none"})["files"], 0);
    EXPECT_TRUE(contains(on_index("stats", {"/none"}).output, "0 files"));
}

TEST_F(StatsCommand, DrawsItBesides) {
    const fs::path picture = folder.path() / "x.svg";
    const testing::Finished result = on_index("stats", {"--output", picture.string()});
    EXPECT_EQ(result.status, 0) << result.messages;
    EXPECT_TRUE(contains(result.output, "3 files"));
    EXPECT_TRUE(fs::exists(picture));
    EXPECT_EQ(on_index("stats", {"--output", (folder.path() / "x.jpg").string()}).status, 1);
    EXPECT_EQ(on_index("stats", {"--format", "xml"}).status, 2);
}

TEST_F(StatsCommand, SharesItsSearchesWithList) {
    EXPECT_TRUE(contains(on_index("list", {"--search", "ANN pop"}).output, "2.mp3"));
    EXPECT_FALSE(contains(on_index("list", {"--search", "ANN pop"}).output, "1.mp3"));
    EXPECT_TRUE(contains(on_index("list", {"--artist", "bob"}).output, "3.mp3"));
    EXPECT_TRUE(contains(on_index("list", {"--folder", "/m/a/1.mp3", "--folder", "/m/b"}).output, "1.mp3"));
    EXPECT_TRUE(contains(on_index("list", {"--failed", "--folder", "/m/b"}).output, "4.mp3"));
}

}  // namespace
}  // namespace earmark
