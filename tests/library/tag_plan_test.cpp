#include "library/tagging/tag_plan.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "support/error_of.hpp"
#include "support/fake_index.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using testing::FakeTrack;

class TagPlanning : public ::testing::Test {
  protected:
    void add(const FakeTrack& track) { made.add(track); }

    void measure(double sure) { made.index.database().run("UPDATE models SET sure = " + std::to_string(sure)); }

    TagPlan plan(const TagOptions& options = {}) { return plan_tags(made.index, options); }

    static std::map<std::string, PlannedTag> by_path(const std::vector<PlannedTag>& tags) {
        std::map<std::string, PlannedTag> found;
        for (const PlannedTag& tag : tags) found[tag.path] = tag;
        return found;
    }

    testing::TemporaryFolder folder;
    testing::FakeIndex made{folder.path() / "index.sqlite"};
};

TEST_F(TagPlanning, WritesWithoutAnOptionOnlyWhatIsSure) {
    add({.path = "/a", .probability = 0.97});
    add({.path = "/b", .probability = 0.8});
    add({.path = "/c", .probability = 0.4, .uncertain = true});
    measure(0.95);
    const TagPlan sure = plan();
    ASSERT_EQ(sure.tags.size(), 1U);
    EXPECT_EQ(sure.tags[0].path, "/a");
    EXPECT_EQ(sure.tags[0].certainty, Certainty::sure);
    auto rest = by_path(sure.unsure);
    ASSERT_EQ(rest.size(), 2U);
    EXPECT_EQ(rest["/b"].certainty, Certainty::likely);
    EXPECT_EQ(rest["/c"].certainty, Certainty::doubtful);
    EXPECT_EQ(sure.uncertain, 2);
    EXPECT_TRUE(sure.unmeasured.empty());

    const TagPlan more = plan({.minimum_probability = 0.5});
    EXPECT_EQ(more.tags.size(), 2U);
    EXPECT_TRUE(more.unsure.empty());
    EXPECT_EQ(more.uncertain, 1);
    EXPECT_EQ(by_path(more.tags)["/b"].certainty, Certainty::likely) << "asking does not make it surer";
    measure(2.0);
    EXPECT_TRUE(plan().tags.empty()) << "of some models nothing is sure";
}

TEST_F(TagPlanning, TellsOfModelsThatNobodyMeasured) {
    add({.path = "/a", .probability = 0.97});
    add({.path = "/b", .probability = 0.8});
    const TagPlan found = plan();
    EXPECT_EQ(found.tags.size(), 1U);
    EXPECT_EQ(found.unmeasured, Names{"made up"});
    EXPECT_TRUE(plan({.minimum_probability = 0.0}).unmeasured.empty());
}

TEST_F(TagPlanning, FillsGenresThatSayNothing) {
    for (const char* tag : {"Unknown", "Other", "genre", ""}) add({.path = std::string("/") + tag, .tag = tag});
    add({.path = "/polka", .tag = "Polka"});
    measure(0.5);
    const TagPlan found = plan();
    EXPECT_EQ(found.tags.size(), 4U);
    EXPECT_EQ(found.kept, 1);
    auto tags = by_path(found.tags);
    EXPECT_EQ(tags["/Unknown"].values, Names{"Unknown"});
    EXPECT_EQ(tags["/Unknown"].before, Names{}) << "shown as missing";
    TagOptions options;
    options.list.tags.missing = {};
    EXPECT_EQ(plan(options).kept, 4);
}

TEST_F(TagPlanning, ComparesWithAllGenresOfAFile) {
    add({.path = "/same", .tag = "Jazz"});
    add({.path = "/more", .tag = "Jazz\nSka"});
    measure(0.5);
    const TagPlan found = plan({.replace = true});
    EXPECT_EQ(found.same, 1);
    ASSERT_EQ(found.tags.size(), 1U);
    EXPECT_EQ(found.tags[0].before, (Names{"Jazz", "Ska"}));
}

TEST_F(TagPlanning, GivesAnAlbumOneGenre) {
    // Two tracks are rock, one is heard as metal; a fourth of another album is metal indeed.
    const auto track = [&](const char* path, const char* album, const char* artist, std::vector<float> probabilities) {
        const bool rock = probabilities[3] > probabilities[2];
        add({.path = path,
             .genre = rock ? "rock" : "metal",
             .probability = 0.6,
             .album = album,
             .album_artist = artist,
             .probabilities = std::move(probabilities)});
    };
    track("/x/1", "One", "Band", {0.02F, 0.03F, 0.25F, 0.7F});
    track("/x/2", "One", "Band", {0.02F, 0.03F, 0.25F, 0.7F});
    track("/y/3", "One", "band", {0.05F, 0.05F, 0.5F, 0.4F});  // the second disc
    track("/y/4", "Two", "Band", {0.05F, 0.05F, 0.5F, 0.4F});
    TagOptions options{.album = true, .minimum_probability = 0.0};
    auto tags = by_path(plan(options).tags);
    ASSERT_EQ(tags.size(), 4U);
    for (const char* path : {"/x/1", "/x/2", "/y/3"}) {
        EXPECT_EQ(tags[path].after, Names{"Rock"}) << path;
        EXPECT_DOUBLE_EQ(tags[path].probability, tags["/x/1"].probability) << path;
    }
    EXPECT_EQ(tags["/y/4"].after, Names{"Metal"});
    options.list.folders = {"/y/3"};
    EXPECT_EQ(plan(options).tags.at(0).after, Names{"Rock"}) << "the other tracks have their say";
    EXPECT_EQ(by_path(plan({.minimum_probability = 0.0}).tags)["/y/3"].after, Names{"Metal"});
}

TEST_F(TagPlanning, TakesAFolderForAnAlbumWhereTagsNameNone) {
    const auto track = [&](const char* path, const char* genre, const char* album, double probability) {
        add({.path = path, .genre = genre, .probability = probability, .album = album});
    };
    track("/x/1", "rock", "", 0.9);
    track("/x/2", "jazz", "", 0.5);
    track("/x/3", "jazz", "Jazz album", 0.5);
    track("/y/4", "jazz", "", 0.5);
    track("/y/5", "jazz", "Jazz album", 0.5);
    auto tags = by_path(plan({.album = true, .minimum_probability = 0.0}).tags);
    EXPECT_EQ(tags["/x/1"].after, Names{"Rock"});
    EXPECT_EQ(tags["/x/2"].after, Names{"Rock"});
    EXPECT_EQ(tags["/x/3"].after, Names{"Jazz"}) << "another album of the same folder";
    EXPECT_EQ(tags["/y/4"].after, Names{"Jazz"});
    EXPECT_EQ(tags["/y/5"].after, Names{"Jazz"});
}

class MoodPlanning : public TagPlanning {
  protected:
    MoodPlanning() {
        tagger = made.add_tagger("tagger");
        measure(0.95);
        add({.path = "/a", .probability = 0.97});
        made.add_labels("/a", tagger, {0.8F, 0.75F, 0.9F, 0.9F});
    }

    std::int64_t tagger = 0;
};

TEST_F(MoodPlanning, WritesThoseThatHoldWithPrecision) {
    const TagPlan found = plan();
    ASSERT_EQ(found.tags.size(), 1U);
    EXPECT_EQ(found.tags[0].after, Names{"Jazz"});
    EXPECT_EQ(found.tags[0].moods_after, (Names{"Happy", "Sad"})) << "no instruments, the most probable first";
    EXPECT_EQ(plan({.moods = 1}).tags[0].moods_after, Names{"Happy"});
    EXPECT_FALSE(plan({.moods = 0}).tags[0].moods_after);
    made.add_labels("/a", made.add_tagger("more"), {0.69F, 0.1F, 0.1F, 0.1F});
    EXPECT_EQ(plan().tags[0].moods_after, (Names{"Happy", "Sad"})) << "one model is enough";
}

TEST_F(MoodPlanning, LeavesAloneWhatFilesHave) {
    add({.path = "/b", .probability = 0.97, .tag = "Polka", .mood = "Angry"});
    add({.path = "/c", .probability = 0.97, .tag = "Polka"});
    add({.path = "/d", .probability = 0.97, .mood = "Angry"});
    add({.path = "/e", .probability = 0.97, .tag = "Jazz", .mood = "Happy"});
    for (const char* path : {"/b", "/c", "/d", "/e"}) made.add_labels(path, tagger, {0.8F, 0.1F, 0.1F, 0.1F});
    const TagPlan found = plan();
    auto tags = by_path(found.tags);
    EXPECT_FALSE(tags.contains("/b"));
    ASSERT_TRUE(tags.contains("/c")) << "a file with a genre gets moods";
    EXPECT_FALSE(tags["/c"].writes_genres);
    EXPECT_EQ(tags["/c"].after, Names{"Polka"});
    EXPECT_EQ(tags["/c"].moods_after, Names{"Happy"});
    EXPECT_TRUE(tags["/d"].writes_genres);
    EXPECT_FALSE(tags["/d"].moods_after);
    EXPECT_FALSE(tags.contains("/e"));
    EXPECT_EQ(found.kept_moods, 2);
    tags = by_path(plan({.replace = true}).tags);
    EXPECT_EQ(tags["/b"].after, Names{"Jazz"});
    EXPECT_EQ(tags["/b"].moods_before, Names{"Angry"});
    EXPECT_EQ(tags["/b"].moods_after, Names{"Happy"});
    EXPECT_FALSE(tags.contains("/e")) << "which has both";
}

TEST_F(MoodPlanning, ShowsAGenreThatIsNotSureBesideMoodsThatAre) {
    add({.path = "/b", .probability = 0.8});
    made.add_labels("/b", tagger, {0.8F, 0.1F, 0.1F, 0.1F});
    const TagPlan found = plan();
    EXPECT_FALSE(by_path(found.tags)["/b"].writes_genres);
    ASSERT_EQ(found.unsure.size(), 1U);
    EXPECT_EQ(found.unsure[0].after, Names{"Jazz"});
}

TEST_F(MoodPlanning, AddsFurtherGenresOfModelsOfManyLabels) {
    EXPECT_EQ(plan({.top = 2}).tags[0].after, (Names{"Jazz", "Rock"}));
    EXPECT_EQ(plan({.top = 1}).tags[0].after, Names{"Jazz"});
}

TEST_F(MoodPlanning, NeverWritesWhatIsNoMusic) {
    add({.path = "/talk", .probability = 0.99});
    made.add_labels("/talk", tagger, {0.9F, 0.9F, 0.9F, 0.9F}, "speech");
    for (const TagOptions& options : {TagOptions{}, TagOptions{.replace = true, .minimum_probability = 0.0}}) {
        const TagPlan found = plan(options);
        EXPECT_FALSE(by_path(found.tags).contains("/talk"));
        EXPECT_FALSE(by_path(found.unsure).contains("/talk"));
        EXPECT_EQ(found.not_music, 1);
    }
}

TEST_F(MoodPlanning, UsesTheWordsOfMaps) {
    const fs::path map = folder.path() / "map";
    std::ofstream(map) << "HAPPY = Cheerful\nsad =\n";
    TagOptions options;
    options.mood_names = GenreNames(map);
    EXPECT_EQ(plan(options).tags[0].moods_after, Names{"Cheerful"});
    std::ofstream(map) << "hapy = Cheerful\n";
    options.mood_names = GenreNames(map);
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { plan(options); }), "knows no mood \"hapy\", but happy, sad."));
}

}  // namespace
}  // namespace earmark::library
