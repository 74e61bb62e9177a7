#include "library/index/tracks.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/fake_index.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

using testing::contains;
using testing::error_of;
using Names = std::vector<std::string>;

class Songs : public ::testing::Test {
  protected:
    Songs() {
        made_up.add({.path = "/m/Motörhead/Ace.mp3",
                     .genre = "metal",
                     .tag = "Heavy Metal",
                     .artist = "Motörhead",
                     .title = "Ace of Spades",
                     .seconds = 166.0});
        made_up.add({.path = "/m/jazz/take.flac",
                     .genre = "jazz",
                     .probability = 0.5,
                     .uncertain = true,
                     .tag = "Cool Jazz",
                     .artist = "The Dave Brubeck Quartet",
                     .title = "Take Five"});
        made_up.add({.path = "/m/jazz/blue.flac", .genre = "blues", .tag = "Jazz", .artist = "Dave Somebody"});
        made_up.add({.path = "/m/jazz2/x.ogg", .genre = "jazz"});
        made_up.add_failed("/m/jazz/broken.mp3");
    }

    Names found(const ListOptions& options) {
        Names names;
        each_song(made_up.index, options, [&](const Song& song) { names.push_back(song.path.stem()); });
        return names;
    }

    testing::TemporaryFolder folder;
    testing::MadeUpIndex made_up{folder.path() / "index.sqlite"};
};

TEST_F(Songs, AreWhatTheIndexHas) {
    std::vector<Song> songs;
    each_song(made_up.index, {.search = "ace", .sort = SortBy::duration},
              [&](Song&& song) { songs.push_back(std::move(song)); });
    ASSERT_EQ(songs.size(), 1U);
    const Song& song = songs[0];
    EXPECT_EQ(song.path, "/m/Motörhead/Ace.mp3");
    EXPECT_EQ(song.artist, "Motörhead");
    EXPECT_EQ(song.title, "Ace of Spades");
    EXPECT_EQ(song.genre_tag, "Heavy Metal");
    EXPECT_EQ(song.genre, "metal");
    EXPECT_NEAR(song.probability, 0.9, 1e-6);
    EXPECT_EQ(song.duration_seconds, 166.0);
    EXPECT_EQ(song.model->name, "made up");
    EXPECT_EQ(song.model->id, made_up.model);
    EXPECT_EQ(song.content, testing::MadeUpIndex::content_of({.path = song.path}).hash);
}

TEST_F(Songs, AreFoundByWordsOfPathArtistTitleAndTag) {
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

TEST_F(Songs, AreChosenByAllThatIsAsked) {
    EXPECT_EQ(found({.folders = {"/m/jazz"}}), (Names{"blue", "take"}));
    EXPECT_EQ(found({.folders = {"/m/jazz", "/m/jazz/take.flac", "/m/jazz2"}}), (Names{"blue", "take", "x"}));
    EXPECT_TRUE(found({.folders = {"/m/jaz"}}).empty());
    EXPECT_EQ(found({.genres = {"JAZZ"}}), (Names{"take", "x"}));
    EXPECT_EQ(found({.genres = {"jazz"}, .folders = {"/m/jazz"}}), Names{"take"});
    EXPECT_EQ(found({.uncertain = true}), Names{"take"});
    EXPECT_EQ(found({.disagree = true}), Names{"blue"});
    EXPECT_EQ(found({.disagree = true, .limit = 1}), Names{"blue"});
    EXPECT_EQ(found({.artist = "dave", .limit = 1}), Names{"blue"});
    EXPECT_TRUE(contains(error_of([&] { found({.genres = {"polka"}}); }), "blues, jazz, metal, rock"));
}

}  // namespace
}  // namespace earmark
