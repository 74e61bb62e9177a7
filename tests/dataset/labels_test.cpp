#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/random.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/labels/import_table.hpp"
#include "dataset/labels/stratify.hpp"
#include "dataset/labels/track_labels.hpp"
#include "dataset/split.hpp"
#include "dataset/store_writer.hpp"
#include "dataset/track_folder.hpp"
#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/small_store.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::dataset {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::TemporaryFolder;
using Holds = std::vector<std::uint8_t>;
using Names = std::vector<std::string>;

fs::path file_in(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
    const fs::path path = folder.path() / name;
    fs::create_directories(path.parent_path());
    files::write_file(path, text);
    return path;
}

LabelList list_of(const std::string& text, const LabelOptions& options = {}) {
    const TemporaryFolder folder;
    return read_label_list(file_in(folder, "labels.csv", text), options);
}

TEST(LabelList, HasAColumnALabel) {
    const LabelList list = list_of("artist,track,count,happy,sad\nx,a,12,0.7,0\ny,b,3,0.2,1\n");
    EXPECT_EQ(list.tracks, (Names{"a", "b"}));
    EXPECT_EQ(list.labels.labels, (Names{"happy", "sad"})) << "the columns of shares";
    EXPECT_TRUE(list.labels.labelling.many);
    EXPECT_EQ(list.labels.holds, (std::vector<Holds>{{1, 0}, {0, 1}}));
}

TEST(LabelList, CutsSharesWhereItIsTold) {
    const std::string text = "track,happy,sad\na,0.1,0.0\nb,0.2,0.5\nc,0.3,0.5\nd,0.4,0.9\n";
    LabelOptions options;
    options.cut = 0.2;
    EXPECT_EQ(list_of(text, options).labels.holds, (std::vector<Holds>{{0, 0}, {1, 1}, {1, 1}, {1, 1}}));
    options.cut.reset();
    EXPECT_EQ(list_of(text, options).labels.holds, (std::vector<Holds>{{0, 0}, {0, 0}, {1, 0}, {1, 1}}))
        << "above the median, not at it";
}

TEST(LabelList, MayListTheLabelsOfEachTrack) {
    for (const char* text : {"track,label,label\na,rock,sad\nb\nc,jazz\n", "a,rock,sad\nb\nc,jazz\n",
                             "track,tags\na,rock; sad\nb,\nc,jazz\n", "filename;labels\na;rock|sad\nb;\nc;jazz\n"}) {
        const LabelList list = list_of(text);
        EXPECT_EQ(list.tracks, (Names{"a", "b", "c"})) << text;
        EXPECT_EQ(list.labels.labels, (Names{"jazz", "rock", "sad"})) << text;
        EXPECT_EQ(list.labels.holds, (std::vector<Holds>{{0, 1, 1}, {0, 0, 0}, {1, 0, 0}})) << text;
    }
}

TEST(LabelList, OfOneWordEachGivesOneLabel) {
    const LabelList list = list_of("track,artist,genre\na,x,rock\nb,y,jazz\nc,x,rock\n");
    EXPECT_FALSE(list.labels.labelling.many);
    EXPECT_EQ(list.labels.labels, (Names{"jazz", "rock"}));
    EXPECT_EQ(list.labels.label, (std::vector<int>{1, 0, 1}));
    LabelOptions options;
    options.columns = {"artist"};
    EXPECT_EQ(list_of("track,artist,genre\na,x,rock\nb,y,jazz\n", options).labels.labels, (Names{"x", "y"}));
}

TEST(LabelList, RefusesWhatIsNotPlain) {
    EXPECT_TRUE(contains(error_of([] { list_of("track,a,b\nx,hm,ha\n"); }), "label_columns"));
    LabelOptions options;
    options.columns = {"a", "b"};
    EXPECT_TRUE(contains(error_of([&] { list_of("track,a,b\nx,1,no\n", options); }), "line 2: \"no\" in column b"));
    options.columns = {"a", "z"};
    EXPECT_TRUE(contains(error_of([&] { list_of("track,a,b\nx,1,0\n", options); }), "no column \"z\""));
    EXPECT_TRUE(contains(error_of([] { list_of("track,a,b\nx,1,0\nx,0,1\n"); }), "names track \"x\" again"));
    EXPECT_TRUE(contains(error_of([] { list_of("track,tag\nx,rock\ny,rock\n"); }), "at least two labels"));
}

FeatureStore many_label_store(int tracks, std::uint64_t seed) {
    FeatureStore store = testing::small_store({"one"}, tracks, 2);
    store.labels = {"common", "rare", "often"};
    store.labelling = {true, LabelGroup::mood};
    base::Random random(seed, "labels");
    for (StoredTrack& track : store.tracks) {
        track.label = 0;
        track.holds = {static_cast<std::uint8_t>(random.below(10) < 5), static_cast<std::uint8_t>(random.below(20) < 2),
                       static_cast<std::uint8_t>(random.below(10) < 7)};
    }
    return store;
}

TEST(ManyLabelStore, IsReadAsItWasWritten) {
    const FeatureStore store = many_label_store(6, 1);
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "s.store";
    StoreWriter writer(path, store.features, store.segments, store.labelling);
    for (const StoredTrack& track : store.tracks) {
        const auto times = std::span(store.times).subspan(static_cast<std::size_t>(track.first_segment), 2);
        writer.add(track.name, track.holds, times, store.track_values(track));
    }
    writer.commit(store.labels);
    const FeatureStore read = open_store(path);
    EXPECT_EQ(read.labelling, store.labelling);
    EXPECT_EQ(read.labels, store.labels);
    ASSERT_EQ(read.tracks.size(), store.tracks.size());
    for (std::size_t i = 0; i < read.tracks.size(); ++i) EXPECT_EQ(read.tracks[i].holds, store.tracks[i].holds) << i;
    EXPECT_EQ(read.values, store.values);
    EXPECT_EQ(read.fingerprint(), store.fingerprint());
    FeatureStore changed = store;
    changed.tracks[2].holds[1] ^= 1;
    EXPECT_NE(changed.fingerprint(), store.fingerprint());

    for (const auto& [text, part] : {std::pair{"track,labels\none.00000,0\n", "1 rows for 6 tracks"},
                                     {"track,labels\none.00000,7\none.00001,\none.00002,\none.00003,\none.00004,\n"
                                      "one.00005,\n",
                                      "\"7\" are no labels"}}) {
        files::write_file(path / "labels.csv", text);
        EXPECT_TRUE(contains(error_of([&] { open_store(path); }), part));
    }
}

TEST(ManyLabelStore, TellsTracksApartOnceLabelledByTrack) {
    const FeatureStore store = labelled_by_track(many_label_store(4, 1));
    EXPECT_FALSE(store.labelling.many);
    EXPECT_EQ(store.labels.size(), 4);
    EXPECT_TRUE(store.tracks[2].holds.empty());
    EXPECT_EQ(store.label_text(store.tracks[2]), "one.00002");
}

/// How many tracks of a part have each label, and how many there are.
std::vector<int> counts_in(const FeatureStore& store, const Split& split, Part part) {
    std::vector<int> counts(store.labels.size() + 1);
    for (const StoredTrack& track : store.tracks) {
        if (split.parts[static_cast<std::size_t>(track.first_segment)] != part) continue;
        for (std::size_t k = 0; k < store.labels.size(); ++k) counts[k] += track.holds[k];
        ++counts.back();
    }
    return counts;
}

TEST(ManyLabelSplit, SpreadsEachLabelEvenlyOverFolds) {
    for (const std::uint64_t seed : {0U, 1U, 2U}) {
        const FeatureStore store = many_label_store(200, seed);
        std::vector<int> whole(store.labels.size());
        for (const StoredTrack& track : store.tracks) {
            for (std::size_t k = 0; k < whole.size(); ++k) whole[k] += track.holds[k];
        }
        std::set<std::string> tested;
        for (int fold = 0; fold < 5; ++fold) {
            SplitOptions options;
            options.kind = SplitKind::k_fold;
            options.folds = 5;
            options.fold = fold;
            options.seed = seed;
            const Split split = make_split(store, options);
            EXPECT_TRUE(contains(split.description, "stratified by labels"));
            for (const std::string& name : tracks_of(store, split, Part::test)) EXPECT_TRUE(tested.insert(name).second);
            const std::vector<int> counts = counts_in(store, split, Part::test);
            EXPECT_NEAR(counts.back(), 40, 3) << "fold " << fold;
            for (std::size_t k = 0; k < whole.size(); ++k)
                EXPECT_NEAR(counts[k], whole[k] / 5.0, 1.5) << store.labels[k] << ", fold " << fold;
        }
        EXPECT_EQ(tested.size(), 200);
    }
}

TEST(ManyLabelSplit, KeepsArtistsWhole) {
    const FeatureStore store = many_label_store(120, 4);
    const TemporaryFolder folder;
    std::string text = "track,artist\n";
    for (std::size_t i = 0; i < store.tracks.size(); ++i)
        text += store.tracks[i].name + ",artist " + std::to_string(i / 4) + "\n";
    SplitOptions options;
    options.groups = file_in(folder, "artists.csv", text);
    const Split split = make_split(store, options);
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        EXPECT_EQ(split.parts[static_cast<std::size_t>(store.tracks[i].first_segment)],
                  split.parts[static_cast<std::size_t>(store.tracks[i / 4 * 4].first_segment)]);
    }
    // A fourth of all for testing, and of each label: whole artists cannot come nearer than by a track or two.
    const std::vector<int> test = counts_in(store, split, Part::test);
    EXPECT_NEAR(test.back(), 30, 4);
    for (std::size_t k = 0; k < store.labels.size(); ++k) {
        const auto all = std::ranges::count_if(store.tracks, [k](const auto& track) { return track.holds[k] != 0; });
        EXPECT_NEAR(test[k], static_cast<double>(all) / 4.0, 2.5) << store.labels[k];
    }
}

TEST(ManyLabelSplit, DependsOnSeedAndNamesOnly) {
    const FeatureStore store = many_label_store(60, 4);
    SplitOptions options;
    options.seed = 7;
    const auto tested = [&](const FeatureStore& data) {
        Names names = tracks_of(data, make_split(data, options), Part::test);
        std::ranges::sort(names);
        return names;
    };
    const Names first = tested(store);
    FeatureStore other = store;
    std::ranges::reverse(other.tracks);
    std::swap(other.labels[0], other.labels[2]);
    std::int64_t at = 0;
    for (StoredTrack& track : other.tracks) {
        track.first_segment = at;
        at += track.segments;
        std::swap(track.holds[0], track.holds[2]);
    }
    EXPECT_EQ(tested(other), first);
    options.seed = 8;
    EXPECT_NE(tested(store), first);
}

TEST(Stratify, DealsTheRarestLabelFirst) {
    // Two tracks have the rare label: one must go to each place, although other labels would fit otherwise.
    const std::vector<std::vector<std::int64_t>> groups{{1, 1, 1}, {1, 1, 1}, {0, 1, 1},
                                                        {0, 1, 1}, {0, 0, 1}, {0, 0, 1}};
    const std::vector<double> shares{0.5, 0.5};
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        base::Random random(seed);
        const std::vector<std::size_t> places = stratify(groups, shares, random);
        EXPECT_NE(places[0], places[1]);
        EXPECT_NE(places[2], places[3]);
        EXPECT_NE(places[4], places[5]);
    }
    base::Random random(1);
    EXPECT_EQ(stratify(groups, std::vector<double>{0.0, 1.0}, random), std::vector<std::size_t>(6, 1));
}

TEST(TableStore, TakesAnArffFileWithTheNamesBesideIt) {
    const TemporaryFolder folder;
    const fs::path table =
        file_in(folder, "songs.arff",
                "@relation songs\n@attribute x numeric\n@attribute y numeric\n@attribute happy {0,1}\n"
                "@attribute sad {0,1}\n@data\n1,2.5,1,0\n{0 3,3 1}\n-1,0,0,0\n");
    EXPECT_TRUE(
        contains(error_of([&] { import_table(table, folder.path() / "none", {}); }), "which of its attributes"));
    file_in(folder, "songs.xml", "<labels><label name=\"sad\"/><label name=\"happy\"/></labels>");
    TableOptions options;
    options.labels.group = LabelGroup::mood;
    const StoreSummary summary = import_table(table, folder.path() / "songs.store", options);
    EXPECT_EQ(summary.tracks, 3);
    EXPECT_TRUE(summary.many_labels);
    const FeatureStore store = open_store(folder.path() / "songs.store");
    EXPECT_EQ(to_string(store.features.kind), "table");
    EXPECT_EQ(store.labelling, (Labelling{true, LabelGroup::mood}));
    EXPECT_EQ(store.labels, (Names{"sad", "happy"}));
    EXPECT_EQ(store.values, (std::vector<float>{1, 2.5, 3, 0, -1, 0}));
    EXPECT_EQ(store.tracks[0].holds, (Holds{0, 1}));
    EXPECT_EQ(store.tracks[1].holds, (Holds{1, 0}));
    EXPECT_EQ(store.tracks[2].name, "3");
}

TEST(TableStore, TakesTheLabelsThatMekaCounts) {
    for (const auto& [count, labels, values] : {std::tuple{"-C 2", Names{"a", "b"}, std::vector<float>{5, 6}},
                                                {"-C -2", Names{"c", "d"}, std::vector<float>{1, 0}}}) {
        const TemporaryFolder folder;
        const fs::path table =
            file_in(folder, "x.arff",
                    std::string("@relation 'x: ") + count +
                        "'\n@attribute a numeric\n@attribute b numeric\n@attribute c numeric\n@attribute d "
                        "numeric\n@data\n1,0,5,6\n");
        import_table(table, folder.path() / "s", {});
        const FeatureStore store = open_store(folder.path() / "s");
        EXPECT_EQ(store.labels, labels);
        EXPECT_EQ(store.values, values);
    }
}

TEST(TableStore, TakesTheColumnsThatAreAskedFor) {
    const TemporaryFolder folder;
    const fs::path table = file_in(folder, "songs.csv",
                                   "name,id,tempo,key,mood\nOne,7a,120,5,happy\nOne,8b,90.5,,sad\nTwo,9c,100,1,sad\n");
    TableOptions options;
    options.labels.columns = {"mood"};
    options.track_column = "id";
    const StoreSummary summary = import_table(table, folder.path() / "s", options);
    ASSERT_EQ(summary.warnings.size(), 1);
    EXPECT_TRUE(contains(summary.warnings.front().message, "key")) << "it lacks a number";
    const FeatureStore store = open_store(folder.path() / "s");
    EXPECT_FALSE(store.labelling.many);
    EXPECT_EQ(store.labels, (Names{"happy", "sad"}));
    EXPECT_EQ(store.values, (std::vector<float>{120, 90.5, 100}));
    EXPECT_EQ(store.tracks[1].name, "8b");

    options.feature_columns = {"tempo", "key"};
    EXPECT_TRUE(
        contains(error_of([&] { import_table(table, folder.path() / "t", options); }), "line 3: \"\" in column key"));
    options.feature_columns = {"tempo", "mood"};
    EXPECT_TRUE(contains(error_of([&] { import_table(table, folder.path() / "t", options); }), "which is a label"));
    options.feature_columns = {"tempo"};
    options.track_column = "name";
    EXPECT_TRUE(contains(error_of([&] { import_table(table, folder.path() / "t", options); }), "track \"One\" again"));
    EXPECT_FALSE(fs::exists(folder.path() / "t"));
}

TEST(TableStore, TakesArtistsFromTheTableThatItWasMadeOf) {
    const TemporaryFolder folder;
    std::string text = "title,id,artist,tempo,mood\n";
    for (int i = 0; i < 40; ++i)
        text += "song,id" + std::to_string(i) + ",artist " + std::to_string(i / 2) + ",1,m" +
                std::to_string(i / 4 % 2) + "\n";
    const fs::path table = file_in(folder, "songs.csv", text);
    TableOptions options;
    options.labels.columns = {"mood"};
    options.track_column = "id";
    options.feature_columns = {"tempo"};
    import_table(table, folder.path() / "s", options);
    FeatureStore store = open_store(folder.path() / "s");
    for (StoredTrack& track : store.tracks) track.copy_of = -1;  // they have the same number
    SplitOptions split;
    split.groups = table;
    const Split made = make_split(store, split);
    for (std::size_t i = 0; i < 40; i += 2) EXPECT_EQ(made.parts[i], made.parts[i + 1]) << i;
}

TEST(TableStore, CannotBeMadeOfSound) {
    FeatureOptions features;
    features.kind = feature_kind("table");
    features.coefficients = 4;
    SegmentOptions segments;
    segments.frames = 1;
    validate(segments, features);
    EXPECT_EQ(coefficient_count(features), 4);
    EXPECT_TRUE(contains(error_of([&] { Segmenter(features, segments); }), "numbers from a table"));
    features.coefficients = 0;
    EXPECT_TRUE(contains(error_of([&] { validate(features); }), "coefficients"));
}

TEST(LabelledFolder, FindsTheFilesThatAListMeans) {
    const TemporaryFolder folder;
    for (const char* name : {"music/rock/1.wav", "music/jazz/1.wav", "music/jazz/2.mp3", "music/other/9.ogg"})
        file_in(folder, name, "sound");
    const fs::path list =
        file_in(folder, "labels.csv",
                "track,sad,loud\nrock/1,1,0\nC:\\songs\\jazz\\1.flac,0,1\nmusic/jazz/2.mp3,1,1\ngone,1,0\n");
    const TrackFolder found = find_labelled_tracks(folder.path() / "music", list, {});
    ASSERT_EQ(found.tracks.size(), 3);
    EXPECT_TRUE(found.labelling.many);
    std::map<std::string, Holds> holds;
    for (const TrackFile& track : found.tracks) holds[track.name] = track.holds;
    EXPECT_EQ(holds, (std::map<std::string, Holds>{{"rock/1", {1, 0}}, {"jazz/1", {0, 1}}, {"jazz/2", {1, 1}}}));
    ASSERT_EQ(found.warnings.size(), 2);
    EXPECT_TRUE(contains(found.warnings[0], "gone"));
    EXPECT_TRUE(contains(found.warnings[1], "1 files have no row"));
    const fs::path twice = file_in(folder, "twice.csv", "track,sad,loud\nrock/1,1,0\nrock/1.mp3,0,1\n");
    EXPECT_TRUE(contains(error_of([&] { find_labelled_tracks(folder.path() / "music", twice, {}); }), "same file"));
    const fs::path vague = file_in(folder, "vague.csv", "track,sad,loud\n1,1,0\n");
    EXPECT_TRUE(contains(error_of([&] { find_labelled_tracks(folder.path() / "music", vague, {}); }), "names no file"));
}

}  // namespace
}  // namespace earmark::dataset
