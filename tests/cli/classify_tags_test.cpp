#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "earmark/model.hpp"
#include "formats/csv.hpp"
#include "support/error_of.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::contains;
using testing::Finished;

/// A genre model and one of many labels, of which "calm" always holds and "loud" never does.
class ClassifyTags : public ::testing::Test {
  protected:
    void SetUp() override {
        testing::write_wav(song, testing::tones(31.0), 22050);
        testing::write_wav(silence, std::vector<float>(20 * 22050), 22050);
        Model one = testing::random_model("cnn");
        one.name = "genres";
        save_model(one, genres);
        tag_model = testing::random_model("cnn", "{}", 96, 5, 4);
        tag_model.name = "tags";
        tag_model.features.sample_rate = 16000;
        tag_model.features.hop_length = 256;
        tag_model.segments = {.seconds = 3.0, .frames = 96};
        tag_model.activation = Activation::sigmoid;
        tag_model.labels = {"rock", "calm", "loud", "song"};
        tag_model.label_details = {{LabelGroup::genre, 0.0, 0.0},
                                   {LabelGroup::mood, 0.0, 1.0},
                                   {LabelGroup::mood, 1.0, 1.0},
                                   {LabelGroup::other, 1.0, {}}};
        save_model(tag_model, tags);
    }

    static json object(const Finished& result) {
        EXPECT_EQ(result.status, 0) << result.messages;
        return json::parse(result.output);
    }

    Finished classify(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "classify");
        return testing::earmark(arguments);
    }

    testing::TemporaryFolder folder;
    fs::path song = folder.path() / "song.wav";
    fs::path silence = folder.path() / "silence.wav";
    fs::path genres = folder.path() / "genres.safetensors";
    fs::path tags = folder.path() / "tags.safetensors";
    Model tag_model;
};

TEST_F(ClassifyTags, ListsInJsonTheTagsThatHold) {
    const json found = object(classify({"--model", tags, "--format", "json", song}));
    EXPECT_EQ(found["genre"], "rock");
    EXPECT_EQ(found["probability"], found["probabilities"]["rock"]);
    EXPECT_EQ(found["probabilities"].size(), 4U);
    ASSERT_EQ(found["tags"].size(), 2U) << found["tags"];
    std::vector<std::string> labels;
    for (const json& tag : found["tags"]) {
        labels.push_back(tag["label"]);
        EXPECT_EQ(tag["probability"], found["probabilities"][labels.back()]);
        EXPECT_EQ(tag["group"], labels.back() == "rock" ? "genre" : "mood");
    }
    EXPECT_GE(found["tags"][0]["probability"], found["tags"][1]["probability"]);
    std::ranges::sort(labels);
    EXPECT_EQ(labels, (std::vector<std::string>{"calm", "rock"}));
    const json precise = object(classify({"--precise", "--model", tags, "--format", "json", song}));
    ASSERT_EQ(precise["tags"].size(), 1U);
    EXPECT_EQ(precise["tags"][0]["label"], "rock");
}

TEST_F(ClassifyTags, ShowsTagsByGroup) {
    const std::string page = classify({"--model", tags, song}).output;
    EXPECT_TRUE(contains(page, "song.wav"));
    EXPECT_TRUE(contains(page, "0:31"));
    const std::size_t genre = page.find("genre          rock ");
    const std::size_t mood = page.find("mood           calm ");
    EXPECT_NE(genre, std::string::npos) << page;
    EXPECT_NE(mood, std::string::npos) << page;
    EXPECT_LT(genre, mood);
    EXPECT_EQ(page.find("loud"), std::string::npos) << page;
    const std::string one = classify({"--top", "1", "--model", tags, song}).output;
    EXPECT_EQ(std::ranges::count(one, '%'), 1) << one;
    const std::string segments = classify({"--segments", "--model", tags, song}).output;
    EXPECT_TRUE(contains(segments, "0:03–0:06"));
    EXPECT_EQ(std::ranges::count(segments, '\n'), 3 + 10) << segments;
}

TEST_F(ClassifyTags, MarksWhatDoesNotHold) {
    for (LabelDetails& details : tag_model.label_details) details.threshold = 1.0;
    save_model(tag_model, tags);
    const Finished page = classify({"--model", tags, song});
    EXPECT_EQ(std::ranges::count(page.output, '?'), 1) << page.output;
    EXPECT_TRUE(contains(page.messages, "less probable than its threshold"));
    const json found = object(classify({"--model", tags, "--format", "json", song}));
    EXPECT_EQ(found["tags"], json::array());
    EXPECT_EQ(found["uncertain"], true);
}

TEST_F(ClassifyTags, HearsSeveralModels) {
    const json both = object(classify({"--model", genres, "--model", tags, "--format", "json", song}));
    const json first = object(classify({"--model", genres, "--format", "json", song}));
    const json second = object(classify({"--model", tags, "--format", "json", song}));
    for (const char* field : {"genre", "probability", "uncertain", "probabilities", "segments"}) {
        EXPECT_EQ(both[field], first[field]) << field;
        EXPECT_EQ(both["models"]["genres"][field], first[field]) << field;
        EXPECT_EQ(both["models"]["tags"][field], second[field]) << field;
    }
    EXPECT_EQ(both["models"]["tags"]["tags"], second["tags"]);
    EXPECT_FALSE(both.contains("tags"));
    const std::string page = classify({"--model", genres, "--model", tags, song}).output;
    EXPECT_LT(page.find("genres"), page.find("tags")) << page;
    // The same model twice has two names.
    const json twice = object(classify({"--model", tags, "--model", tags, "--format", "json", song}));
    EXPECT_EQ(twice["models"]["tags"], twice["models"]["tags 2"]);
}

TEST_F(ClassifyTags, WritesALineForEachLabel) {
    const formats::CsvTable table = formats::parse_csv(
        classify({"--model", genres, "--model", tags, "--format", "csv", song, silence}).output, "output");
    ASSERT_EQ(table.rows.size(), 2U * 14U);
    const auto& calm = table.rows[11];
    EXPECT_EQ(calm[table.column("path")], song.string());
    EXPECT_EQ(calm[table.column("model")], "tags");
    EXPECT_EQ(calm[table.column("label")], "calm");
    EXPECT_EQ(calm[table.column("group")], "mood");
    EXPECT_EQ(calm[table.column("holds")], "true");
    EXPECT_EQ(table.rows[12][table.column("holds")], "false");
    EXPECT_EQ(table.rows[27][table.column("not_music")], "silence");
    const formats::CsvTable segments =
        formats::parse_csv(classify({"--segments", "--model", tags, "--format", "csv", song}).output, "output");
    EXPECT_EQ(segments.rows.size(), 40U);
    EXPECT_EQ(segments.rows[4][segments.column("start_seconds")], "3.000");
}

TEST_F(ClassifyTags, GivesSilenceNoGenre) {
    for (const fs::path& model : {genres, tags}) {
        const Finished shown = classify({"--model", model, silence});
        EXPECT_TRUE(contains(shown.output, "not music: silence"));
        EXPECT_EQ(shown.output.find('%'), std::string::npos) << shown.output;
        const json found = object(classify({"--model", model, "--format", "json", silence}));
        EXPECT_EQ(found["not_music"], "silence");
        EXPECT_TRUE(found["genre"].is_null());
        EXPECT_TRUE(found["probability"].is_null());
    }
    const formats::CsvTable table =
        formats::parse_csv(classify({"--model", genres, "--format", "csv", silence}).output, "output");
    EXPECT_EQ(table.rows[0][table.column("genre")], "");
    EXPECT_EQ(table.rows[0][table.column("not_music")], "silence");
}

TEST_F(ClassifyTags, TellsWhatAModelWithARuleFindsToBeNoMusic) {
    tag_model.music_rule = MusicRule{.groups = {{"music", true, 0.0, {0}}, {"speech", false, 0.0, {1}}}, .bias = 1.0};
    save_model(tag_model, tags);
    const json found = object(classify({"--model", genres, "--model", tags, "--format", "json", song}));
    EXPECT_EQ(found["not_music"], "speech");
    EXPECT_TRUE(found["genre"].is_null());
    EXPECT_EQ(found["models"]["tags"]["tags"], json::array());
    EXPECT_TRUE(contains(classify({"--model", genres, "--model", tags, song}).output, "not music: speech"));
}

TEST_F(ClassifyTags, DrawsTagsOverTime) {
    const fs::path picture = folder.path() / "a.svg";
    const Finished drawn = testing::earmark({"plot", "--kind", "tags", "--model", tags, "--output", picture, song});
    EXPECT_EQ(drawn.status, 0) << drawn.messages;
    EXPECT_TRUE(fs::exists(picture));
    const Finished refused = testing::earmark({"plot", "--kind", "genres", "--model", tags, "--output", picture, song});
    EXPECT_EQ(refused.status, 1);
    EXPECT_TRUE(contains(refused.messages, "Draw the kind tags"));
}

TEST_F(ClassifyTags, DescribesTheModel) {
    tag_model.authors = "Ada and Grace";
    tag_model.licence_text = "You may do as you like.\n";
    save_model(tag_model, tags);
    const std::string page = testing::earmark({"model", tags}).output;
    for (const char* text : {"many labels at once", "Ada and Grace", "genres", "moods", "calm 0 % (100 %)"}) {
        EXPECT_TRUE(contains(page, text));
    }
    EXPECT_EQ(testing::earmark({"model", "--licence", tags}).output, "You may do as you like.\n");
    const json described = json::parse(testing::earmark({"model", "--format", "json", tags}).output);
    EXPECT_EQ(described["activation"], "sigmoid");
    EXPECT_EQ(described["label_details"][1]["group"], "mood");
}

}  // namespace
}  // namespace earmark
