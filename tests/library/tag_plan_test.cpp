#include "library/tagging/tag_plan.hpp"

#include <gtest/gtest.h>

#include <map>

#include "support/fake_index.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

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

}  // namespace
}  // namespace earmark::library
