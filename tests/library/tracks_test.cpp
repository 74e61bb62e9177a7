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

class LabelledTracks : public Tracks {
  protected:
    LabelledTracks() {
        tagger = fake.add_tagger("tagger");
        fake.add_labels("/m/Motörhead/Ace.mp3", tagger, {0.9F, 0.1F, 0.8F, 0.1F});
        fake.add_labels("/m/jazz/take.flac", tagger, {0.6F, 0.2F, 0.1F, 0.95F});
        fake.add_labels("/m/jazz/blue.flac", tagger, {0.1F, 0.7F, 0.1F, 0.4F});
    }

    std::int64_t tagger = 0;
};

TEST_F(LabelledTracks, AreFoundByLabelsThatHold) {
    EXPECT_EQ(found({.labels = {"happy"}}), (Names{"Ace", "take"}));
    EXPECT_EQ(found({.labels = {"HAPPY", "Piano"}}), Names{"take"}) << "all must hold, in any case";
    EXPECT_EQ(found({.labels = {"rock"}}), Names{"Ace"}) << "of \"Rock music\"";
    EXPECT_EQ(found({.moods = {"sad"}}), Names{"blue"});
    EXPECT_EQ(found({.labels = {"happy"}, .without = {"rock"}}), Names{"take"});
    EXPECT_EQ(found({.without = {"happy"}}), (Names{"blue", "x"})) << "nobody said it of x";
    EXPECT_EQ(found({.labels = {"metal"}}), Names{"Ace"}) << "the genre is a label, too";
    EXPECT_TRUE(found({.labels = {"jazz"}, .folders = {"/m/jazz"}}).empty()) << "an uncertain genre does not hold";
    EXPECT_EQ(found({.genres = {"metal"}, .moods = {"happy"}}), Names{"Ace"});
}

TEST_F(LabelledTracks, AreSortedByALabel) {
    EXPECT_EQ(found({.sort = SortBy::label, .sort_label = "piano"}), (Names{"take", "blue", "Ace", "x"}));
    EXPECT_EQ(found({.sort = SortBy::label, .sort_label = "sad", .limit = 1}), Names{"blue"});
    std::vector<double> probabilities;
    for_each_track(fake.index, {.labels = {"happy"}, .moods = {"happy"}},
                   [&](const Track& track) { probabilities.push_back(track.label_probability.value()); });
    ASSERT_EQ(probabilities.size(), 2U);
    EXPECT_NEAR(probabilities[0], 0.9, 1e-4);
    EXPECT_NEAR(probabilities[1], 0.6, 1e-4);
}

TEST_F(LabelledTracks, NamesThatNobodyKnowsAreAnswered) {
    const std::string near = testing::error_of([&] { found({.labels = {"hapy"}}); });
    EXPECT_TRUE(contains(near, "bad_option: `tag` hapy: no model in this index knows that tag. Near are: happy"))
        << near;
    EXPECT_TRUE(contains(error_of([&] { found({.moods = {"piano"}}); }), "Known are: happy, sad."))
        << "an instrument is no mood";
    EXPECT_TRUE(contains(error_of([&] { found({.sort = SortBy::label, .sort_label = "xyzzy"}); }), "`sort` xyzzy"));
}

TEST_F(LabelledTracks, HaveNoGenreWhenTheyAreNoMusic) {
    fake.add({.path = "/m/talk.mp3", .genre = "jazz", .probability = 0.99, .tag = "Rock"});
    EXPECT_EQ(found({.genres = {"jazz"}, .search = "talk"}), Names{"talk"});
    fake.add_labels("/m/talk.mp3", tagger, {0.9F, 0.1F, 0.1F, 0.1F}, "speech");
    EXPECT_TRUE(found({.genres = {"jazz"}, .search = "talk"}).empty());
    EXPECT_TRUE(found({.minimum_probability = 0.5, .search = "talk"}).empty());
    EXPECT_TRUE(found({.moods = {"happy"}, .search = "talk"}).empty());
    EXPECT_TRUE(found({.disagree = true, .search = "talk"}).empty());
    EXPECT_EQ(found({.not_music = true}), Names{"talk"});
    for_each_track(fake.index, {.not_music = true}, [](const Track& track) {
        EXPECT_EQ(track.not_music, "speech");
        EXPECT_EQ(track.genre, "");
    });
}

TEST_F(LabelledTracks, AreThoseOfTheModelThatIsAskedFor) {
    Names genres;
    for_each_track(fake.index, {.folders = {"/m/Motörhead"}, .model = tagger}, [&](const Track& track) {
        EXPECT_EQ(track.model->name, "tagger");
        genres.push_back(track.genre);
    });
    EXPECT_EQ(genres, Names{"Rock music"}) << "the most probable of its genres";
    fake.add_labels("/m/Motörhead/Ace.mp3", fake.add_tagger("tagger"), {0.1F, 0.1F, 0.1F, 0.1F});
    EXPECT_EQ(found({.labels = {"happy"}}), (Names{"Ace", "take"})) << "the same model is not asked twice";
}

}  // namespace
}  // namespace earmark::library
