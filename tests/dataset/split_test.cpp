#include "dataset/split.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/small_store.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::dataset {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::small_store;
using testing::TemporaryFolder;

const std::vector<std::string> genres = {"blues", "jazz", "rock"};

SplitOptions split_of(SplitKind kind, std::uint64_t seed = 0) {
    SplitOptions options;
    options.kind = kind;
    options.seed = seed;
    return options;
}

/// Segments of each genre in each part.
std::map<std::pair<int, Part>, int> counts(const FeatureStore& store, const Split& split) {
    std::map<std::pair<int, Part>, int> result;
    const std::vector<int> labels = store.segment_labels();
    for (std::size_t i = 0; i < labels.size(); ++i) ++result[{labels[i], split.parts[i]}];
    return result;
}

std::size_t tracks_on_several_sides(const FeatureStore& store, const Split& split) {
    std::size_t result = 0;
    for (const StoredTrack& track : store.tracks) {
        const auto begin = split.parts.begin() + track.first_segment;
        result += std::set<Part>(begin, begin + track.segments).size() > 1 ? 1 : 0;
    }
    return result;
}

TEST(Split, RandomTracksKeepsTracksTogetherAndIsStratified) {
    const FeatureStore store = testing::small_store(genres, 20, 5);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Split split = make_split(store, split_of(SplitKind::random_tracks, seed));
        EXPECT_EQ(tracks_on_several_sides(store, split), 0);
        EXPECT_FALSE(split.leaky);
        const auto count = counts(store, split);
        for (int label = 0; label < 3; ++label) {
            EXPECT_EQ(count.at({label, Part::test}), 5 * 5);
            EXPECT_EQ(count.at({label, Part::valid}), 3 * 5);
            EXPECT_EQ(count.at({label, Part::train}), 12 * 5);
        }
    }
}

TEST(Split, RandomSegmentsIsStratifiedAndSaysThatItLeaks) {
    const FeatureStore store = testing::small_store(genres, 20, 5);
    const Split split = make_split(store, split_of(SplitKind::random_segments));
    EXPECT_TRUE(split.leaky);
    EXPECT_TRUE(testing::contains(split.description, "leaky"));
    EXPECT_GT(tracks_on_several_sides(store, split), 30);
    const auto count = counts(store, split);
    for (int label = 0; label < 3; ++label) {
        EXPECT_EQ(count.at({label, Part::test}), 25);
        EXPECT_EQ(count.at({label, Part::valid}), 15);
    }
}

TEST(Split, EachTrackIsTestedInExactlyOneFold) {
    const FeatureStore store = testing::small_store(genres, 13, 2);
    std::map<std::string, int> tested;
    std::map<std::string, int> validated;
    for (int fold = 0; fold < 5; ++fold) {
        SplitOptions options = split_of(SplitKind::k_fold, 3);
        options.folds = 5;
        options.fold = fold;
        const Split split = make_split(store, options);
        EXPECT_EQ(tracks_on_several_sides(store, split), 0);
        for (const std::string& name : tracks_of(store, split, Part::test)) ++tested[name];
        for (const std::string& name : tracks_of(store, split, Part::valid)) ++validated[name];
        const auto count = counts(store, split);
        for (int label = 0; label < 3; ++label) {
            EXPECT_GE(count.at({label, Part::test}), 2 * 2);
            EXPECT_LE(count.at({label, Part::test}), 2 * 3);
        }
    }
    EXPECT_EQ(tested.size(), 39);
    EXPECT_EQ(validated.size(), 39);
    for (const auto& [name, times] : tested) EXPECT_EQ(times, 1) << name;
}

TEST(Split, DependsOnSeedAndNamesOnly) {
    const FeatureStore store = testing::small_store(genres, 20, 5);
    for (const SplitKind kind : {SplitKind::random_tracks, SplitKind::random_segments, SplitKind::k_fold}) {
        const Split first = make_split(store, split_of(kind, 5));
        EXPECT_EQ(first.parts, make_split(store, split_of(kind, 5)).parts);
        EXPECT_NE(first.parts, make_split(store, split_of(kind, 6)).parts);

        FeatureStore reversed = store;  // the same tracks in another order, labels too
        std::reverse(reversed.labels.begin(), reversed.labels.end());
        std::reverse(reversed.tracks.begin(), reversed.tracks.end());
        std::int64_t at = 0;
        for (StoredTrack& track : reversed.tracks) {
            track.label = 2 - track.label;
            track.first_segment = std::exchange(at, at + track.segments);
        }
        const Split second = make_split(reversed, split_of(kind, 5));
        auto a = tracks_of(store, first, Part::test);
        auto b = tracks_of(reversed, second, Part::test);
        std::sort(a.begin(), a.end());
        std::sort(b.begin(), b.end());
        EXPECT_EQ(a, b) << base::enum_name(kind);
    }
    // Recorded once: a change here would give old models another test part.
    EXPECT_EQ(tracks_of(store, make_split(store, split_of(SplitKind::random_tracks, 1)), Part::test),
              (std::vector<std::string>{"blues.00003", "blues.00004", "blues.00015", "blues.00018", "blues.00019",
                                        "jazz.00005", "jazz.00009", "jazz.00013", "jazz.00015", "jazz.00018",
                                        "rock.00010", "rock.00012", "rock.00014", "rock.00017", "rock.00018"}));
}

TEST(Split, SmallGenresHaveSomethingInEachPart) {
    const Split split = make_split(testing::small_store(genres, 3, 2), split_of(SplitKind::random_tracks));
    const auto count = counts(testing::small_store(genres, 3, 2), split);
    for (int label = 0; label < 3; ++label) {
        for (const Part part : {Part::train, Part::valid, Part::test}) EXPECT_EQ(count.at({label, part}), 2);
    }
    EXPECT_TRUE(testing::contains(
        testing::error_of([] { make_split(testing::small_store(genres, 1, 2), split_of(SplitKind::random_tracks)); }),
        "too few"));
    SplitOptions all = split_of(SplitKind::random_tracks);
    all.valid_fraction = all.test_fraction = 0.0;
    EXPECT_EQ(
        tracks_of(testing::small_store(genres, 2, 1), make_split(testing::small_store(genres, 2, 1), all), Part::train)
            .size(),
        6);
}

TEST(Split, RefusesOptionsOutOfRange) {
    const FeatureStore store = testing::small_store(genres, 5, 1);
    const auto error = [&](auto change) {
        SplitOptions options;
        change(options);
        return error_of([&] { make_split(store, options); });
    };
    EXPECT_TRUE(testing::contains(error([](SplitOptions& o) { o.test_fraction = 0.9; }), "bad_option: "));
    EXPECT_TRUE(testing::contains(error([](SplitOptions& o) { o.valid_fraction = -0.1; }), "bad_option: "));
    EXPECT_TRUE(testing::contains(error([](SplitOptions& o) { o.valid_fraction = std::nan(""); }), "bad_option: "));
    EXPECT_TRUE(testing::contains(error([](SplitOptions& o) { o.kind = SplitKind::k_fold, o.folds = 2; }),
                                  "bad_option: `folds` 2"));
    EXPECT_TRUE(testing::contains(error([](SplitOptions& o) { o.kind = SplitKind::k_fold, o.fold = 10; }),
                                  "bad_option: `fold` 10"));
    EXPECT_TRUE(testing::contains(error([](SplitOptions& o) { o.kind = SplitKind::csv; }), "bad_option: "));
}

class CsvSplit : public ::testing::Test {
  protected:
    Split split(const std::string& csv, bool allow_missing = false) const {
        files::write_file(path(), csv);
        SplitOptions options = split_of(SplitKind::csv);
        options.csv = path();
        options.allow_missing = allow_missing;
        return make_split(store, options);
    }
    std::string error(const std::string& csv) const {
        return testing::error_of([&] { split(csv); });
    }
    fs::path path() const { return folder_.path() / "split.csv"; }

    FeatureStore store = testing::small_store(genres, 2, 3);

  private:
    testing::TemporaryFolder folder_;
};

TEST_F(CsvSplit, FollowsTheFile) {
    const Split made = split(
        "part,track,genre,remark\ntrain,blues.00000,blues,\nvalid,jazz.00001,jazz,\"a, b\"\ntest,rock.00000,rock,x\n");
    EXPECT_EQ(tracks_of(store, made, Part::train), std::vector<std::string>{"blues.00000"});
    EXPECT_EQ(tracks_of(store, made, Part::valid), std::vector<std::string>{"jazz.00001"});
    EXPECT_EQ(tracks_of(store, made, Part::test), std::vector<std::string>{"rock.00000"});
    EXPECT_EQ(tracks_of(store, made, Part::none).size(), 3);
    EXPECT_EQ(made.segments(Part::valid), (std::vector<std::int64_t>{9, 10, 11}));
    EXPECT_FALSE(made.leaky);
    EXPECT_TRUE(made.warnings.empty());
}

TEST(Split, TrainsOnTheValidationPartWhereAsked) {
    const FeatureStore store = testing::small_store(genres, 10, 2);
    SplitOptions options = split_of(SplitKind::random_tracks, 3);
    const Split with = make_split(store, options);
    options.no_validation = true;
    const Split without = make_split(store, options);
    EXPECT_EQ(without.segments(Part::test), with.segments(Part::test));
    EXPECT_TRUE(without.segments(Part::valid).empty());
    EXPECT_EQ(without.segments(Part::train).size(),
              with.segments(Part::train).size() + with.segments(Part::valid).size());
    EXPECT_TRUE(testing::contains(without.description, "validation part trained on"));
    EXPECT_TRUE(split_options(to_json(options), "test").no_validation);
}

TEST_F(CsvSplit, UnknownTracksAreNamed) {
    const std::string csv = "track,genre,part\nblues.00000,blues,train\njazz.00054,jazz,train\nx,rock,test\n";
    const std::string message = error(csv);
    EXPECT_TRUE(testing::contains(message, "bad_data: " + path().string()));
    EXPECT_TRUE(testing::contains(message, "jazz.00054, x"));
    EXPECT_TRUE(testing::contains(message, "`allow_missing`"));
    const Split allowed = split(csv, true);
    ASSERT_EQ(allowed.warnings.size(), 1);
    EXPECT_TRUE(testing::contains(allowed.warnings[0], "jazz.00054, x"));
    EXPECT_EQ(tracks_of(store, allowed, Part::train), std::vector<std::string>{"blues.00000"});
    EXPECT_TRUE(testing::contains(testing::error_of([&] { split("track,genre,part\nx,rock,test\n", true); }),
                                  "none of its tracks"));
}

TEST_F(CsvSplit, RefusesFilesThatContradictTheDataOrThemselves) {
    EXPECT_TRUE(testing::contains(error("track,genre,part\nblues.00000,rock,train\n"),
                                  "says that track \"blues.00000\" is rock"));
    EXPECT_TRUE(testing::contains(error("track,genre,part\nblues.00000,blues,train\nblues.00000,blues,test\n"),
                                  "line 3 names track \"blues.00000\" again, after line 2"));
    EXPECT_TRUE(testing::contains(error("track,genre,part\nblues.00000,blues,trian\n"), "part \"trian\""));
    EXPECT_TRUE(testing::contains(error("track,genre,part\nblues.00000,blues,none\n"), "part \"none\""));
    EXPECT_TRUE(testing::contains(error("track,genre\nblues.00000,blues\n"), "no column \"part\""));
    SplitOptions options = split_of(SplitKind::csv);
    options.csv = path().parent_path() / "none.csv";
    EXPECT_TRUE(testing::contains(testing::error_of([&] { make_split(store, options); }),
                                  "not_found: " + options.csv.string()));
}

/// Five artists a genre with 1 to 5 tracks, one of them in two genres, and two tracks that nobody is known to play.
class WholeArtists : public ::testing::Test {
  protected:
    WholeArtists() {
        std::string artists = "track,artist,title\n";
        std::string split = "track,genre,part\n";
        for (std::size_t g = 0; g < genres.size(); ++g) {
            for (int i = 0; i < 15; ++i) {
                const std::string track = fmt::format("{}.{:05}", genres[g], i);
                int artist = 0;
                for (int left = i; left > artist; left -= artist) ++artist;
                std::string name = fmt::format("{} {}", genres[g], artist);
                if (i == 0 && g < 2) name = "both";
                if (i == 0 && g == 2) name = "";
                artists += fmt::format("{},{},x\n", track, name);
                artist_of[track] = name.empty() ? track : name;
                split += fmt::format("{},{},{}\n", track, genres[g], i < 5 ? "test" : i < 12 ? "train" : "valid");
            }
        }
        files::write_file(folder_.path() / "artists.csv", artists);
        files::write_file(folder_.path() / "split.csv", split);
    }

    SplitOptions options(SplitKind kind, std::uint64_t seed = 0) const {
        SplitOptions result = split_of(kind, seed);
        result.groups = folder_.path() / "artists.csv";
        if (kind == SplitKind::csv_folds) result.csv = folder_.path() / "split.csv";
        result.folds = 3;
        return result;
    }
    std::set<std::string> artists(const Split& split, Part part) const {
        std::set<std::string> result;
        for (const std::string& track : tracks_of(store, split, part)) result.insert(artist_of.at(track));
        return result;
    }
    bool apart(const Split& split, Part a, Part b) const {
        std::vector<std::string> common;
        const auto first = artists(split, a);
        const auto second = artists(split, b);
        std::set_intersection(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(common));
        return common.empty();
    }

    FeatureStore store = testing::small_store(genres, 15, 2);
    std::map<std::string, std::string> artist_of;
    testing::TemporaryFolder folder_;
};

TEST_F(WholeArtists, AreOnOneSideOnly) {
    for (const SplitKind kind : {SplitKind::random_tracks, SplitKind::k_fold}) {
        for (const std::uint64_t seed : {0U, 1U, 2U}) {
            const Split split = make_split(store, options(kind, seed));
            EXPECT_TRUE(apart(split, Part::train, Part::test)) << base::enum_name(kind);
            EXPECT_TRUE(apart(split, Part::train, Part::valid)) << base::enum_name(kind);
            EXPECT_TRUE(apart(split, Part::valid, Part::test)) << base::enum_name(kind);
            EXPECT_TRUE(split.segments(Part::none).empty());
            for (const auto& [key, count] : counts(store, split)) EXPECT_GT(count, 0);
            EXPECT_TRUE(testing::contains(split.description, "whole artists"));
        }
        EXPECT_EQ(make_split(store, options(kind, 1)).parts, make_split(store, options(kind, 1)).parts);
    }
    EXPECT_NE(make_split(store, options(SplitKind::k_fold, 1)).parts,
              make_split(store, options(SplitKind::k_fold, 2)).parts);
}

TEST_F(WholeArtists, FillTheParts) {
    const Split split = make_split(store, options(SplitKind::random_tracks));
    const auto count = counts(store, split);
    for (int label = 0; label < 3; ++label) {
        EXPECT_NEAR(count.at({label, Part::test}) / 2, 15 * 0.25, 2.0);
        EXPECT_NEAR(count.at({label, Part::valid}) / 2, 15 * 0.15, 2.0);
    }
    SplitOptions none = options(SplitKind::random_tracks);
    none.test_fraction = 0.0;
    EXPECT_TRUE(make_split(store, none).segments(Part::test).empty());
}

TEST_F(WholeArtists, AreDealtToFoldsForValidationWithoutTouchingTheTestPart) {
    std::map<std::string, int> validated;
    for (int fold = 0; fold < 3; ++fold) {
        SplitOptions of_fold = options(SplitKind::csv_folds, 4);
        of_fold.fold = fold;
        const Split split = make_split(store, of_fold);
        EXPECT_EQ(tracks_of(store, split, Part::test).size(), 15U);
        for (const std::string& name : tracks_of(store, split, Part::test))
            EXPECT_LT(name.substr(name.size() - 5), "00005");
        EXPECT_TRUE(apart(split, Part::train, Part::valid));
        EXPECT_EQ(tracks_of(store, split, Part::train).size() + tracks_of(store, split, Part::valid).size(), 30U);
        for (const std::string& name : tracks_of(store, split, Part::valid)) ++validated[name];
    }
    EXPECT_EQ(validated.size(), 30U);
    for (const auto& [name, times] : validated) EXPECT_EQ(times, 1) << name;

    SplitOptions tracks = options(SplitKind::csv_folds);  // without artists, tracks are dealt one by one
    tracks.groups.clear();
    tracks.folds = 2;
    EXPECT_EQ(tracks_of(store, make_split(store, tracks), Part::valid).size(), 15U);
}

TEST_F(WholeArtists, AreRefusedWhereTheyCannotBeKept) {
    const auto error = [&](SplitOptions given) { return testing::error_of([&] { make_split(store, given); }); };
    EXPECT_TRUE(testing::contains(error(options(SplitKind::random_segments)), "bad_option: `groups`"));
    SplitOptions csv = options(SplitKind::csv_folds);
    csv.kind = SplitKind::csv;
    EXPECT_TRUE(testing::contains(error(csv), "bad_option: `groups`"));
    SplitOptions one = options(SplitKind::csv_folds);
    one.folds = 1;
    EXPECT_TRUE(testing::contains(error(one), "`folds` 1: give at least 2"));
    SplitOptions strangers = options(SplitKind::k_fold);
    files::write_file(strangers.groups, "track,artist\nx,y\n");
    EXPECT_TRUE(testing::contains(error(strangers), "names the artist of no track of the data"));
    files::write_file(strangers.groups, "track,title\nx,y\n");
    EXPECT_TRUE(testing::contains(error(strangers), "no column \"artist\""));
}

TEST(SplitOptions, GoThroughJson) {
    SplitOptions options = split_of(SplitKind::random_tracks, 0xFFFFFFFFFFFFFFFFU);
    options.test_fraction = 0.3;
    SplitOptions back = split_options(to_json(options), "test");
    EXPECT_EQ(back.kind, options.kind);
    EXPECT_EQ(back.seed, options.seed);
    EXPECT_EQ(back.test_fraction, 0.3);
    EXPECT_EQ(back.valid_fraction, options.valid_fraction);
    options = split_of(SplitKind::k_fold, 4);
    options.folds = 7;
    options.fold = 6;
    back = split_options(to_json(options), "test");
    EXPECT_EQ(back.folds, 7);
    EXPECT_EQ(back.fold, 6);
    options = split_of(SplitKind::csv);
    options.csv = "some/file.csv";
    options.allow_missing = true;
    back = split_options(to_json(options), "test");
    EXPECT_EQ(back.csv, options.csv);
    EXPECT_TRUE(back.allow_missing);
    options.kind = SplitKind::csv_folds;
    options.groups = "some/artists.csv";
    options.folds = 4;
    options.fold = 2;
    options.seed = 9;
    back = split_options(to_json(options), "test");
    EXPECT_EQ(back.kind, SplitKind::csv_folds);
    EXPECT_EQ(back.csv, options.csv);
    EXPECT_EQ(back.groups, options.groups);
    EXPECT_EQ(back.folds, 4);
    EXPECT_EQ(back.fold, 2);
    EXPECT_EQ(back.seed, 9U);
    EXPECT_TRUE(testing::contains(testing::error_of([] {
                                      split_options({{"seed", "x"}}, "m.safetensors");
                                  }),
                                  "corrupt: m.safetensors"));
    EXPECT_TRUE(
        testing::contains(testing::error_of([] { split_options(3, "m.safetensors"); }), "corrupt: m.safetensors"));
    EXPECT_TRUE(testing::contains(testing::error_of([] {
                                      split_options({{"kind", "odd"}}, "m.safetensors");
                                  }),
                                  "corrupt: m.safetensors: its split is of the kind \"odd\""));
}

TEST(SplitOfGtzan, TheFaultFilteredPartitionFitsButForTheCorruptTrack) {
    const fs::path data = fs::path(EARMARK_SOURCE_DIR) / ".." / "shared" / "data" / "gtzan";
    if (!fs::exists(data / "splits")) GTEST_SKIP() << "needs GTZAN's splits at " << data;
    FeatureStore store = testing::small_store(
        {"blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"}, 100, 1);
    std::erase_if(store.tracks, [](const StoredTrack& track) { return track.name == "jazz.00054"; });
    for (std::size_t i = 0; i < store.tracks.size(); ++i) store.tracks[i].first_segment = static_cast<std::int64_t>(i);
    SplitOptions options = split_of(SplitKind::csv);
    options.csv = data / "splits" / "fault_filtered.csv";
    EXPECT_TRUE(testing::contains(testing::error_of([&] { make_split(store, options); }), "jazz.00054"));
    options.allow_missing = true;
    const Split split = make_split(store, options);
    EXPECT_EQ(tracks_of(store, split, Part::train).size(), 442);
    EXPECT_EQ(tracks_of(store, split, Part::valid).size(), 197);
    EXPECT_EQ(tracks_of(store, split, Part::test).size(), 290);
}

}  // namespace
}  // namespace earmark::dataset
