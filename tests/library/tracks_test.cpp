#include "library/index/tracks.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/fake_index.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

using testing::contains;
using testing::error_of;
using Names = std::vector<std::string>;

class Tracks : public ::testing::Test {
  protected:
    Tracks() {
        fake.add({.path = "/m/Motörhead/Ace.mp3",
                  .genre = "metal",
                  .tag = "Heavy Metal",
                  .artist = "Motörhead",
                  .title = "Ace of Spades",
                  .seconds = 166.0});
        fake.add({.path = "/m/jazz/take.flac",
                  .genre = "jazz",
                  .probability = 0.5,
                  .uncertain = true,
                  .tag = "Cool Jazz",
                  .artist = "The Dave Brubeck Quartet",
                  .title = "Take Five"});
        fake.add({.path = "/m/jazz/blue.flac", .genre = "blues", .tag = "Jazz", .artist = "Dave Somebody"});
        fake.add({.path = "/m/jazz2/x.ogg", .genre = "jazz"});
        fake.add_failed("/m/jazz/broken.mp3");
    }

    Names found(const TrackQuery& options) {
        Names names;
        for_each_track(fake.index, options, [&](const Track& track) { names.push_back(track.path.stem()); });
        return names;
    }

    testing::TemporaryFolder folder;
    testing::FakeIndex fake{folder.path() / "index.sqlite"};
};

TEST_F(Tracks, AreWhatTheIndexHas) {
    std::vector<Track> tracks;
    for_each_track(fake.index, {.search = "ace", .sort = SortBy::duration},
                   [&](Track&& track) { tracks.push_back(std::move(track)); });
    ASSERT_EQ(tracks.size(), 1U);
    const Track& track = tracks[0];
    EXPECT_EQ(track.path, "/m/Motörhead/Ace.mp3");
    EXPECT_EQ(track.artist, "Motörhead");
    EXPECT_EQ(track.title, "Ace of Spades");
    EXPECT_EQ(track.tag_genres, std::vector<std::string>{"Heavy Metal"});
    EXPECT_EQ(track.genre, "metal");
    EXPECT_NEAR(track.probability, 0.9, 1e-6);
    EXPECT_EQ(track.duration_seconds, 166.0);
    EXPECT_EQ(track.model->name, "made up");
    EXPECT_EQ(track.model->id, fake.model);
    EXPECT_EQ(track.content, testing::FakeIndex::content_of({.path = track.path}).hash);
}

TEST_F(Tracks, AreFoundByWordsOfPathArtistTitleAndTag) {
    EXPECT_EQ(found({.search = "ace"}), Names{"Ace"}) << "title";
    EXPECT_EQ(found({.search = "brubeck FIVE cool"}), Names{"take"}) << "words may lie in several of them";
    EXPECT_EQ(found({.search = "MOTÖRHEAD"}), Names{"Ace"});
    EXPECT_EQ(found({.artist = "motorhead"}), Names{"Ace"}) << "accents make no difference";
    EXPECT_EQ(found({.search = " .flac\tdave "}), (Names{"blue", "take"}));
    EXPECT_TRUE(found({.search = "dave polka"}).empty()) << "all words must occur";
    EXPECT_EQ(found({.search = "  "}).size(), 4U);
    EXPECT_EQ(found({.artist = "dave"}), (Names{"blue", "take"}));
    EXPECT_TRUE(found({.artist = "jazz"}).empty()) << "only the artist counts";
    EXPECT_EQ(found({.failed = true, .search = "broken"}), Names{"broken"});
}

TEST_F(Tracks, AreChosenByAllThatIsAsked) {
    EXPECT_EQ(found({.folders = {"/m/jazz"}}), (Names{"blue", "take"}));
    EXPECT_EQ(found({.folders = {"/m/jazz", "/m/jazz/take.flac", "/m/jazz2"}}), (Names{"blue", "take", "x"}));
    EXPECT_TRUE(found({.folders = {"/m/jaz"}}).empty());
    EXPECT_EQ(found({.genres = {"JAZZ"}}), (Names{"take", "x"}));
    EXPECT_EQ(found({.genres = {"jazz"}, .folders = {"/m/jazz"}}), Names{"take"});
    EXPECT_EQ(found({.uncertain = true}), Names{"take"});
    EXPECT_EQ(found({.disagree = true}), Names{"blue"});
    EXPECT_EQ(found({.disagree = true, .limit = 1}), Names{"blue"});
    EXPECT_EQ(found({.artist = "dave", .limit = 1}), Names{"blue"});
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { found({.genres = {"polka"}}); }), "blues, jazz, metal, rock"));
}

}  // namespace
}  // namespace earmark::library
