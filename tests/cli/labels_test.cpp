// Tags, moods and what is no music, in the commands on the index.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/fake_index.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;
using Names = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class Labels : public ::testing::Test {
  protected:
    Labels() {
        testing::FakeIndex fake(index);
        const std::int64_t tagger = fake.add_tagger("tagger");
        const auto add = [&](const std::string& name, const std::string& genre, std::vector<float> probabilities,
                             std::vector<float> embedding, std::optional<std::string> not_music = {}) {
            fake.add_with_file({.path = music / name, .genre = genre, .probability = 0.97, .embedding = embedding});
            fake.add_labels(music / name, tagger, std::move(probabilities), std::move(not_music));
        };
        add("a.mp3", "metal", {0.75F, 0.1F, 0.8F, 0.1F}, {1.0F, 0.0F});
        add("b.mp3", "jazz", {0.9F, 0.2F, 0.1F, 0.95F}, {0.0F, 1.0F});
        add("c.mp3", "blues", {0.1F, 0.7F, 0.1F, 0.4F}, {0.6F, 0.8F});
        add("talk.mp3", "jazz", {0.9F, 0.1F, 0.1F, 0.1F}, {0.8F, 0.6F}, "speech");
    }

    Finished on_index(Names arguments) const {
        arguments.insert(arguments.begin() + 1, {"--index", index.string()});
        return testing::earmark(arguments);
    }

    std::vector<json> lines(Names arguments) const {
        arguments.insert(arguments.end(), {"--format", "json"});
        const Finished result = on_index(arguments);
        EXPECT_EQ(result.status, 0) << result.messages;
        std::vector<json> found;
        std::istringstream stream(result.output);
        for (std::string line; std::getline(stream, line);) found.push_back(json::parse(line));
        return found;
    }

    Names files(const Names& arguments) const {
        Names names;
        for (const json& line : lines(arguments)) names.push_back(fs::path(line["path"].get<std::string>()).stem());
        return names;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path index = folder.path() / "index.sqlite";
};

TEST_F(Labels, SelectAndSortWhatIsListed) {
    EXPECT_EQ(files({"list", "--tag", "Happy"}), (Names{"a", "b"}));
    EXPECT_EQ(files({"list", "--tag", "happy", "--tag", "piano"}), Names{"b"});
    EXPECT_EQ(files({"list", "--mood", "happy", "--without", "metal"}), Names{"b"});
    EXPECT_EQ(files({"list", "--sort", "tag:piano", "--limit", "2"}), (Names{"b", "c"}));
    EXPECT_EQ(files({"list", "--not-music"}), Names{"talk"});
    const Finished unknown = on_index({"list", "--tag", "hapy"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_TRUE(contains(unknown.messages, "--tag hapy: no model in this index knows that tag. Near are: happy"))
        << unknown.messages;
    EXPECT_NE(on_index({"list", "--sort", "tag:"}).status, 0);
}

TEST_F(Labels, AreListed) {
    const json b = lines({"list", "--tag", "piano"}).at(0);
    ASSERT_EQ(b["labels"].size(), 2U);
    EXPECT_EQ(b["labels"][0]["label"], "piano");
    EXPECT_EQ(b["labels"][0]["group"], "instrument");
    EXPECT_EQ(b["labels"][0]["model"], "tagger");
    EXPECT_NEAR(b["labels"][0]["probability"].get<double>(), 0.95, 1e-4);
    EXPECT_EQ(b["labels"][1]["label"], "happy");
    EXPECT_EQ(b["genre"], "jazz");
    EXPECT_FALSE(b.contains("not_music"));
    const json talk = lines({"list", "--not-music"}).at(0);
    EXPECT_EQ(talk["not_music"], "speech");
    EXPECT_TRUE(talk["genre"].is_null());
    EXPECT_TRUE(talk["labels"].empty());
    const Finished table = on_index({"list", "--mood", "happy"});
    EXPECT_TRUE(contains(table.output, "piano; happy")) << table.output;
    EXPECT_TRUE(contains(on_index({"list"}).output, "not music: speech"));
    const std::string csv = on_index({"list", "--mood", "happy", "--format", "csv"}).output;
    EXPECT_TRUE(contains(csv, "probability of happy")) << csv;
}

TEST_F(Labels, MakePlaylists) {
    EXPECT_EQ(files({"playlist", "--mood", "happy"}), (Names{"b", "a"})) << "the most probable first, and no speech";
    EXPECT_EQ(files({"playlist", "--tag", "happy", "--without", "piano"}), Names{"a"});
    EXPECT_TRUE(contains(on_index({"playlist", "--mood", "happy", "--without", "piano"}).output,
                         "#PLAYLIST:happy, not piano\n"));
}

TEST_F(Labels, SayWhoseEmbeddingsAreCompared) {
    const std::string seed = (music / "a.mp3").string();
    const auto made_up = lines({"playlist", "--like", seed, "--by", "Made up"});
    ASSERT_EQ(made_up.size(), 3U) << "speech is left out";
    EXPECT_NEAR(made_up[1]["similarity"].get<double>(), 0.6, 1e-5);
    // To the tagger all are the same.
    for (const json& track : lines({"playlist", "--like", seed, "--by", "tagger"})) {
        EXPECT_NEAR(track["similarity"].get<double>(), 1.0, 0.01);
    }
    EXPECT_NE(on_index({"playlist", "--like", seed, "--by", "nobody"}).status, 0);
}

TEST_F(Labels, AreCounted) {
    const json all = lines({"stats"}).at(0);
    EXPECT_EQ(all["files"], 4);
    EXPECT_EQ(all["not_music"], 1);
    ASSERT_EQ(all["labels"].size(), 4U);
    EXPECT_EQ(all["labels"][0]["label"], "happy");
    EXPECT_EQ(all["labels"][0]["group"], "mood");
    EXPECT_EQ(all["labels"][0]["files"], 2);
    for (const json& genre : all["genres"]) EXPECT_LE(genre["files"], 1) << "speech counts as none";
    const Finished table = on_index({"stats"});
    EXPECT_TRUE(contains(table.output, "analyzed tag")) << table.output;
    EXPECT_TRUE(contains(table.output, "1 no music")) << table.output;
}

TEST_F(Labels, ArePlannedForFiles) {
    const auto planned = lines({"tag", "--minimum-probability", "0.9"});
    ASSERT_EQ(planned.size(), 3U);
    EXPECT_EQ(planned[0]["moods_after"], Names{"Happy"});
    EXPECT_EQ(planned[0]["moods_before"], Names{});
    EXPECT_EQ(planned[2]["after"], Names{"Blues"});
    EXPECT_TRUE(contains(on_index({"tag"}).messages, "1 that are no music"));
    EXPECT_EQ(lines({"tag", "--minimum-probability", "0.9", "--moods", "0"})[0]["moods_after"], Names{});
}

TEST_F(Labels, AreCompleted) {
    const Names variables{"EARMARK_INDEX=" + index.string()};
    EXPECT_EQ(testing::earmark({"completions", "--list", "moods"}, variables).output, "happy\nsad\n");
    EXPECT_TRUE(contains(testing::earmark({"completions", "--list", "labels"}, variables).output, "Rock music\n"));
}

}  // namespace
}  // namespace earmark
