#include "library/playlist/playlist.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "library/playlist/m3u.hpp"
#include "support/fake_index.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::FakeTrack;
using Names = std::vector<std::string>;

class Playlists : public ::testing::Test {
  protected:
    void add(const std::string& name, testing::FakeTrack track) {
        track.path = music / name;
        fake.add_with_file(track);
    }

    static Names names(const Playlist& playlist) {
        Names names;
        for (const PlaylistTrack& entry : playlist.tracks) names.push_back(entry.track.path.filename());
        return names;
    }

    Names chosen(const PlaylistOptions& options) { return names(choose_tracks(fake.index, options)); }

    Playlist like(const Names& tracks, const PlaylistOptions& options = {}) {
        Seeds finder(fake.index, "/none", false);
        std::vector<Seed> seed_tracks;
        for (const std::string& track : tracks) seed_tracks.push_back(finder.find(music / track));
        return choose_similar_tracks(fake.index, finder.model(), seed_tracks, options);
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    testing::FakeIndex fake{folder.path() / "index.sqlite"};
};

TEST_F(Playlists, BeginWithWhatTheModelIsSureOf) {
    add("c", {.probability = 0.7});
    add("a", {.probability = 0.5});
    add("doubted", {.probability = 0.8, .uncertain = true});
    add("b", {.probability = 0.99});
    add("metal", {.genre = "metal"});
    EXPECT_EQ(chosen({.list = {.genres = {"jazz"}}}), (Names{"b", "c", "a", "doubted"}));
    EXPECT_EQ(chosen({.list = {.genres = {"jazz"}}, .limit = 2}), (Names{"b", "c"}));
    EXPECT_EQ(chosen({.list = {.genres = {"jazz"}, .minimum_probability = 0.75}}), (Names{"b", "doubted"}));
    EXPECT_EQ(chosen({.list = {.genres = {"metal"}}}), Names{"metal"});
    EXPECT_TRUE(chosen({.list = {.genres = {"rock"}}}).empty());
}

TEST_F(Playlists, LeaveOutWhatIsMissingAndWhatIsThereTwice) {
    add("a", {});
    add("b", {.sound = (music / "a").string()});
    add("c", {});
    fs::remove(music / "c");
    add("gone", {});
    fake.index.mark_missing(fake.index.find(music / "gone")->id, 1);
    const Playlist playlist = choose_tracks(fake.index, {});
    EXPECT_EQ(names(playlist), Names{"a"});
    EXPECT_EQ(playlist.missing, 1);
    EXPECT_EQ(playlist.seconds, 200.0);
}

TEST_F(Playlists, KeepWithinALengthAndAShareOfEachArtist) {
    for (int i = 0; i < 4; ++i) add(std::to_string(i) + "a", {.artist = i % 2 == 0 ? "Ann" : "ANN", .seconds = 100.0});
    add("b", {.artist = "Bob", .seconds = 100.0});
    add("c", {.seconds = 100.0});
    add("d", {.seconds = 100.0});
    EXPECT_EQ(chosen({.per_artist = 1}), (Names{"0a", "b", "c", "d"})) << "where no artist is known, none is limited";
    EXPECT_EQ(chosen({.per_artist = 2}).size(), 5U);
    EXPECT_EQ(chosen({.most_seconds = 299.0}).size(), 2U);
    EXPECT_EQ(chosen({.most_seconds = 300.0}).size(), 3U);
    add("0 long", {.probability = 0.99, .seconds = 5000.0});
    EXPECT_EQ(chosen({.most_seconds = 300.0}).size(), 3U) << "what never fits does not end it";
}

TEST_F(Playlists, PartTheTracksOfAnArtist) {
    add("a1", {.probability = 0.99, .artist = "Ann"});
    add("a2", {.probability = 0.98, .artist = "ann"});
    add("a3", {.probability = 0.97, .artist = "Ann"});
    add("b1", {.probability = 0.8, .artist = "Bob"});
    add("u1", {.probability = 0.7});
    add("u2", {.probability = 0.6});
    EXPECT_EQ(chosen({}), (Names{"a1", "b1", "a2", "u1", "a3", "u2"}));
    EXPECT_EQ(chosen({.list = {.artist = "ann"}}), (Names{"a1", "a2", "a3"}));
}

TEST_F(Playlists, AreShuffledByTheirSeed) {
    for (int i = 0; i < 30; ++i) add(std::to_string(i) + " sure", {});
    for (int i = 0; i < 5; ++i) add(std::to_string(i) + " doubted", {.uncertain = true});
    const Names first = chosen({.limit = 10, .shuffle = 1});
    EXPECT_EQ(first, chosen({.limit = 10, .shuffle = 1}));
    EXPECT_NE(first, chosen({.limit = 10, .shuffle = 2}));
    EXPECT_NE(first, chosen({.limit = 10}));
    Names sorted = first;
    Names others = chosen({.limit = 10, .shuffle = 2});
    std::ranges::sort(sorted);
    std::ranges::sort(others);
    EXPECT_NE(sorted, others) << "of many, chance chooses";
    for (const std::string& name : first) EXPECT_TRUE(name.ends_with(" sure")) << name;
    EXPECT_EQ(chosen({.shuffle = 1}).size(), 35U);
}

TEST_F(Playlists, OfTracksLikeOneBeginWithIt) {
    add("seed", {.genre = "metal", .embedding = {1.0F, 0.0F}});
    add("near", {.embedding = {0.8F, 0.6F}});
    add("far", {.embedding = {0.0F, 1.0F}});
    add("nearer", {.embedding = {0.96F, 0.28F}});
    add("copy of seed", {.sound = (music / "seed").string()});
    const Playlist playlist = like({"seed"});
    EXPECT_EQ(names(playlist), (Names{"seed", "nearer", "near", "far"}));
    EXPECT_NEAR(playlist.tracks[0].similarity.value(), 1.0, 1e-6);
    EXPECT_NEAR(playlist.tracks[1].similarity.value(), 0.96, 1e-6);
    EXPECT_EQ(playlist.incomparable, 0);
    EXPECT_EQ(names(like({"seed"}, {.limit = 2})), (Names{"seed", "nearer"}));
    EXPECT_EQ(names(like({"seed"}, {.list = {.search = "far"}})), (Names{"seed", "far"}));
    const Names shuffled = names(like({"seed"}, {.limit = 3, .shuffle = 5}));
    EXPECT_EQ(shuffled[0], "seed");
    EXPECT_EQ((std::set<std::string>(shuffled.begin(), shuffled.end())),
              (std::set<std::string>{"seed", "nearer", "near"}));
}

TEST_F(Playlists, OfTracksLikeSeveralTakeTurns) {
    add("a", {.embedding = {1.0F, 0.0F, 0.0F}});
    add("b", {.embedding = {0.0F, 1.0F, 0.0F}});
    add("a1", {.embedding = {0.99F, 0.0F, 0.14F}});
    add("a2", {.embedding = {0.98F, 0.0F, 0.2F}});
    add("a3", {.embedding = {0.97F, 0.0F, 0.24F}});
    add("b1", {.embedding = {0.0F, 0.8F, 0.6F}});
    EXPECT_EQ(names(like({"b", "a"})), (Names{"b", "a", "b1", "a1", "a2", "a3"}));
    EXPECT_EQ(names(like({"b", "a", "b"}, {.limit = 4})), (Names{"b", "a", "b1", "a1"}));
}

TEST_F(Playlists, DoNotCompareModels) {
    add("a", {});
    add("b", {});
    fake.add({.path = music / "c", .embedding = {1.0F}}, fake.add_model("another"));
    fake.index.database().run(
        "UPDATE verdicts SET embedding = NULL WHERE content IN "
        "(SELECT content FROM files WHERE CAST(path AS TEXT) LIKE '%/b')");
    const Playlist playlist = like({"a"});
    EXPECT_EQ(names(playlist), Names{"a"});
    EXPECT_EQ(playlist.incomparable, 2);
}

Playlist of(const std::vector<Track>& tracks) {
    Playlist playlist;
    for (const Track& track : tracks) playlist.tracks.push_back({track});
    return playlist;
}

TEST(M3uFile, HoldsLengthArtistTitleAndPath) {
    const Playlist playlist = of({{.path = "/m/a b/x.mp3", .artist = "Ann", .title = "Tune", .duration_seconds = 61.5},
                                  {.path = "/m/y.z.ogg", .title = "Only a title"},
                                  {.path = "/n/y.z.ogg", .artist = "Bob"},
                                  {.path = "/n/\xd0\xaf.ogg"}});
    EXPECT_EQ(make_m3u(playlist, "My list", "/m").text,
              "#EXTM3U\n#PLAYLIST:My list\n#EXTINF:62,Ann - Tune\na b/x.mp3\n#EXTINF:0,Only a title\ny.z.ogg\n"
              "#EXTINF:0,Bob - y.z\n../n/y.z.ogg\n#EXTINF:0,Я\n../n/Я.ogg\n");
    const std::string absolute = make_m3u(playlist, "", {}).text;
    EXPECT_TRUE(absolute.starts_with("#EXTM3U\n#EXTINF:62,Ann - Tune\n/m/a b/x.mp3\n")) << absolute;
}

TEST(M3uFile, KeepsPathsByteForByteAndTextInLines) {
    const Playlist playlist = of({{.path = "/m/caf\xe9.mp3", .title = "caf\xe9\nof\tmine"},
                                  {.path = "/m/#1.mp3", .title = "Number One"},
                                  {.path = "/m/ blank.mp3", .title = "Blank"}});
    EXPECT_EQ(make_m3u(playlist, "two\nlines", "/m").text,
              "#EXTM3U\n#PLAYLIST:two lines\n#EXTINF:0,caf\uFFFD of mine\ncaf\xe9.mp3\n#EXTINF:0,Number One\n./#1.mp3\n"
              "#EXTINF:0,Blank\n./ blank.mp3\n");
}

TEST(M3uFile, LeavesOutPathsWithLineBreaks) {
    const Playlist playlist = of({{.path = "/m/a\nb.mp3"}, {.path = "/m/a\rb.mp3"}, {.path = "/m/c.mp3"}});
    const M3u m3u = make_m3u(playlist, "", "/m");
    EXPECT_EQ(m3u.text, "#EXTM3U\n#EXTINF:0,c\nc.mp3\n");
    EXPECT_EQ(m3u.left_out, (std::vector<fs::path>{"/m/a\nb.mp3", "/m/a\rb.mp3"}));
}

}  // namespace
}  // namespace earmark::library
