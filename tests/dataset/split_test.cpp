#include "dataset/split.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.hpp"
#include "dataset/random.hpp"
#include "support/error_of.hpp"
#include "support/small_store.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::small_store;
using testing::TemporaryFolder;

const std::vector<std::string> genres = {"blues", "jazz", "rock"};

SplitOptions split_of(const std::string& kind, std::uint64_t seed = 0) {
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

TEST(Random, IsTheSameOnEveryMachine) {
    Random random(42);
    EXPECT_EQ(random.next(), 1546998764402558742U);  // xoshiro256** seeded by splitmix64(42), as its authors' C code
    std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    Random(7, "blues").shuffle(std::span(items));
    std::vector<int> sorted = items;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    std::map<std::uint64_t, int> seen;
    for (int i = 0; i < 30000; ++i) ++seen[random.below(3)];
    for (const auto& [value, count] : seen) {
        EXPECT_LT(value, 3);
        EXPECT_NEAR(count, 10000, 400);
    }
}

TEST(Split, RandomTracksKeepsTracksTogetherAndIsStratified) {
    const FeatureStore store = small_store(genres, 20, 5);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Split split = make_split(store, split_of("random-tracks", seed));
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
    const FeatureStore store = small_store(genres, 20, 5);
    const Split split = make_split(store, split_of("random-segments"));
    EXPECT_TRUE(split.leaky);
    EXPECT_TRUE(contains(split.description, "leaky"));
    EXPECT_GT(tracks_on_several_sides(store, split), 30);
    const auto count = counts(store, split);
    for (int label = 0; label < 3; ++label) {
        EXPECT_EQ(count.at({label, Part::test}), 25);
        EXPECT_EQ(count.at({label, Part::valid}), 15);
    }
}

TEST(Split, EachTrackIsTestedInExactlyOneFold) {
    const FeatureStore store = small_store(genres, 13, 2);
    std::map<std::string, int> tested;
    std::map<std::string, int> validated;
    for (int fold = 0; fold < 5; ++fold) {
        SplitOptions options = split_of("k-fold", 3);
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
    const FeatureStore store = small_store(genres, 20, 5);
    for (const char* kind : {"random-tracks", "random-segments", "k-fold"}) {
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
        EXPECT_EQ(a, b) << kind;
    }
    // Recorded once: a change here would give old models another test part.
    EXPECT_EQ(tracks_of(store, make_split(store, split_of("random-tracks", 1)), Part::test),
              (std::vector<std::string>{"blues.00003", "blues.00004", "blues.00015", "blues.00018", "blues.00019",
                                        "jazz.00005", "jazz.00009", "jazz.00013", "jazz.00015", "jazz.00018",
                                        "rock.00010", "rock.00012", "rock.00014", "rock.00017", "rock.00018"}));
}

TEST(Split, SmallGenresHaveSomethingInEachPart) {
    const Split split = make_split(small_store(genres, 3, 2), split_of("random-tracks"));
    const auto count = counts(small_store(genres, 3, 2), split);
    for (int label = 0; label < 3; ++label) {
        for (const Part part : {Part::train, Part::valid, Part::test}) EXPECT_EQ(count.at({label, part}), 2);
    }
    EXPECT_TRUE(
        contains(error_of([] { make_split(small_store(genres, 1, 2), split_of("random-tracks")); }), "too few"));
    SplitOptions all = split_of("random-tracks");
    all.valid_fraction = all.test_fraction = 0.0;
    EXPECT_EQ(tracks_of(small_store(genres, 2, 1), make_split(small_store(genres, 2, 1), all), Part::train).size(), 6);
}

TEST(Split, RefusesOptionsOutOfRange) {
    const FeatureStore store = small_store(genres, 5, 1);
    const auto error = [&](auto change) {
        SplitOptions options;
        change(options);
        return error_of([&] { make_split(store, options); });
    };
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.kind = "odd"; }), "bad_option: split \"odd\""));
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.test_fraction = 0.9; }), "bad_option: "));
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.valid_fraction = -0.1; }), "bad_option: "));
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.valid_fraction = std::nan(""); }), "bad_option: "));
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.kind = "k-fold", o.folds = 2; }), "bad_option: --folds 2"));
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.kind = "k-fold", o.fold = 10; }), "bad_option: --fold 10"));
    EXPECT_TRUE(contains(error([](SplitOptions& o) { o.kind = "csv"; }), "bad_option: "));
}

class CsvSplit : public ::testing::Test {
  protected:
    Split split(const std::string& csv, bool allow_missing = false) const {
        write_file(path(), csv);
        SplitOptions options = split_of("csv");
        options.csv = path();
        options.allow_missing = allow_missing;
        return make_split(store, options);
    }
    std::string error(const std::string& csv) const {
        return error_of([&] { split(csv); });
    }
    fs::path path() const { return folder_.path() / "split.csv"; }

    FeatureStore store = small_store(genres, 2, 3);

  private:
    TemporaryFolder folder_;
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

TEST_F(CsvSplit, UnknownTracksAreNamed) {
    const std::string csv = "track,genre,part\nblues.00000,blues,train\njazz.00054,jazz,train\nx,rock,test\n";
    const std::string message = error(csv);
    EXPECT_TRUE(contains(message, "bad_data: " + path().string()));
    EXPECT_TRUE(contains(message, "jazz.00054, x"));
    EXPECT_TRUE(contains(message, "--allow-missing-tracks"));
    const Split allowed = split(csv, true);
    ASSERT_EQ(allowed.warnings.size(), 1);
    EXPECT_TRUE(contains(allowed.warnings[0], "jazz.00054, x"));
    EXPECT_EQ(tracks_of(store, allowed, Part::train), std::vector<std::string>{"blues.00000"});
    EXPECT_TRUE(contains(error_of([&] { split("track,genre,part\nx,rock,test\n", true); }), "none of its tracks"));
}

TEST_F(CsvSplit, RefusesFilesThatContradictTheDataOrThemselves) {
    EXPECT_TRUE(
        contains(error("track,genre,part\nblues.00000,rock,train\n"), "says that track \"blues.00000\" is rock"));
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00000,blues,train\nblues.00000,blues,test\n"),
                         "line 3 names track \"blues.00000\" again, after line 2"));
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00000,blues,trian\n"), "part \"trian\""));
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00000,blues,none\n"), "part \"none\""));
    EXPECT_TRUE(contains(error("track,genre\nblues.00000,blues\n"), "no column \"part\""));
    SplitOptions options = split_of("csv");
    options.csv = path().parent_path() / "none.csv";
    EXPECT_TRUE(contains(error_of([&] { make_split(store, options); }), "not_found: " + options.csv.string()));
}

TEST(SplitOptions, GoThroughJson) {
    SplitOptions options = split_of("random-tracks", 0xFFFFFFFFFFFFFFFFU);
    options.test_fraction = 0.3;
    SplitOptions back = split_options(to_json(options), "test");
    EXPECT_EQ(back.kind, options.kind);
    EXPECT_EQ(back.seed, options.seed);
    EXPECT_EQ(back.test_fraction, 0.3);
    EXPECT_EQ(back.valid_fraction, options.valid_fraction);
    options = split_of("k-fold", 4);
    options.folds = 7;
    options.fold = 6;
    back = split_options(to_json(options), "test");
    EXPECT_EQ(back.folds, 7);
    EXPECT_EQ(back.fold, 6);
    options = split_of("csv");
    options.csv = "some/file.csv";
    options.allow_missing = true;
    back = split_options(to_json(options), "test");
    EXPECT_EQ(back.csv, options.csv);
    EXPECT_TRUE(back.allow_missing);
    EXPECT_TRUE(contains(error_of([] { split_options({{"seed", "x"}}, "m.safetensors"); }), "corrupt: m.safetensors"));
    EXPECT_TRUE(contains(error_of([] { split_options(3, "m.safetensors"); }), "corrupt: m.safetensors"));
}

TEST(SplitOfGtzan, TheFaultFilteredPartitionFitsButForTheCorruptTrack) {
    const fs::path data = fs::path(EARMARK_SOURCE_DIR) / ".." / "shared" / "data" / "gtzan";
    if (!fs::exists(data / "splits")) GTEST_SKIP() << "needs GTZAN's splits at " << data;
    FeatureStore store = small_store(
        {"blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"}, 100, 1);
    std::erase_if(store.tracks, [](const StoredTrack& track) { return track.name == "jazz.00054"; });
    for (std::size_t i = 0; i < store.tracks.size(); ++i) store.tracks[i].first_segment = static_cast<std::int64_t>(i);
    SplitOptions options = split_of("csv");
    options.csv = data / "splits" / "fault_filtered.csv";
    EXPECT_TRUE(contains(error_of([&] { make_split(store, options); }), "jazz.00054"));
    options.allow_missing = true;
    const Split split = make_split(store, options);
    EXPECT_EQ(tracks_of(store, split, Part::train).size(), 442);
    EXPECT_EQ(tracks_of(store, split, Part::valid).size(), 197);
    EXPECT_EQ(tracks_of(store, split, Part::test).size(), 290);
}

}  // namespace
}  // namespace earmark
