#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "dataset/make_store.hpp"
#include "earmark/audio.hpp"
#include "files/atomic_file.hpp"
#include "formats/npy.hpp"
#include "support/error_of.hpp"
#include "support/file_size_limit.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::dataset {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::TemporaryFolder;
using testing::tone;
using testing::write_wav;

FolderOptions folder_options(int jobs = 2) {
    FolderOptions options;
    options.segments.seconds = 1.0;
    options.segments.frames = 44;
    options.jobs = jobs;
    return options;
}

TEST(LabelledByTrack, MakesEachTrackAClassOfItsOwn) {
    FeatureStore store;
    store.labels = {"jazz", "pop"};
    store.tracks = {{"b", 1, 0, 2}, {"a", 1, 2, 1}, {"c", 0, 3, 1}};
    const FeatureStore tracks = labelled_by_track(store);
    EXPECT_EQ(tracks.labels, (std::vector<std::string>{"b", "a", "c"}));
    EXPECT_EQ(tracks.segment_labels(), (std::vector<int>{0, 0, 1, 2}));
    EXPECT_EQ(tracks.tracks[1].name, "a");
}

class Store : public ::testing::Test {
  protected:
    fs::path at(const std::string& name) const { return folder_.path() / name; }

    /// Two genres of three tracks of a few seconds, one of them in a folder below, and the litter of collections.
    void make_collection() const {
        for (int i = 0; i < 3; ++i) {
            testing::write_wav(at("music/low/low." + std::to_string(i) + ".wav"), testing::tone(2.0 + i, 110 + 10 * i));
        }
        testing::write_wav(at("music/high/high.0.wav"), testing::tone(3.2, 900));
        testing::write_wav(at("music/high/album/high.1.WAV"), testing::tone(2.0, 1000));
        testing::write_wav(at("music/high/high.2.wav"), testing::tone(0.4, 1100));  // shorter than a segment: repeated
        for (const char* name : {"music/README", "music/low/cover.jpg", "music/low/list.m3u", "music/high/.hidden.wav",
                                 "music/low/notes.CSV"}) {
            files::write_file(at(name), "no audio");
        }
        fs::create_directories(at("music/empty"));
        fs::create_directories(at("music/.git"));
        testing::write_wav(at("music/.git/x.wav"), testing::tone(1.0, 100));
    }

    /// Nothing but these is left in the test's folder.
    void expect_only(std::vector<std::string> names) const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(folder_.path())) found.push_back(entry.path().filename());
        std::sort(found.begin(), found.end());
        std::sort(names.begin(), names.end());
        EXPECT_EQ(found, names);
    }

  private:
    testing::TemporaryFolder folder_;
};

std::vector<std::string> names_of(const FeatureStore& store) {
    std::vector<std::string> names;
    for (const StoredTrack& track : store.tracks) names.push_back(track.name);
    return names;
}

TEST_F(Store, HoldsTheFeaturesOfAFolderOfGenreFolders) {
    make_collection();
    std::vector<std::int64_t> steps;
    FolderOptions options = folder_options();
    options.progress = [&](const base::Progress& progress) {
        EXPECT_EQ(progress.total, 6);
        steps.push_back(progress.done);
    };
    const StoreSummary summary = create_store(at("music"), at("made"), options);
    EXPECT_TRUE(summary.failures.empty());
    EXPECT_EQ(summary.tracks, 6);
    EXPECT_EQ(summary.segments, 2 + 3 + 4 + 3 + 2 + 1);
    EXPECT_NEAR(summary.seconds, 14.6, 0.01);
    EXPECT_EQ(steps, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
    expect_only({"music", "made"});

    const FeatureStore store = open_store(at("made"));
    EXPECT_EQ(store.labels, (std::vector<std::string>{"high", "low"}));
    EXPECT_EQ(names_of(store),
              (std::vector<std::string>{"album/high.1", "high.0", "high.2", "low.0", "low.1", "low.2"}));
    EXPECT_EQ(store.segment_count(), summary.segments);
    EXPECT_EQ(store.features, options.features);
    EXPECT_EQ(store.segments, options.segments);
    EXPECT_EQ(store.tracks[1].segments, 3);
    EXPECT_EQ(store.tracks[1].first_segment, 2);
    EXPECT_DOUBLE_EQ(store.times[4].start, 2.0);
    EXPECT_EQ(store.segment_labels()[5], 0);
    EXPECT_EQ(store.segment_labels()[6], 1);
    EXPECT_EQ(store.segment_tracks()[4], 1);

    // What a store holds is what the segmenter analyzes.
    AudioReader reader(at("music/low/low.1.wav"));
    Segmenter segmenter(options.features, options.segments);
    std::int64_t segment = store.tracks[4].first_segment;
    const auto compare = [&](const Segment& analyzed) {
        const std::span<const float> stored = store.segment(segment++);
        ASSERT_TRUE(std::equal(stored.begin(), stored.end(), analyzed.values.begin(), analyzed.values.end()));
    };
    for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) segmenter.push(samples, compare);
    EXPECT_EQ(segmenter.finish(compare), 3);
}

TEST_F(Store, IsTheSameForAnyNumberOfThreadsAndInMemory) {
    make_collection();
    create_store(at("music"), at("one"), folder_options(1));
    create_store(at("music"), at("four"), folder_options(4));
    for (const char* file : {"features.npy", "index.csv", "options.json"}) {
        EXPECT_EQ(files::read_file(at("one") / file), files::read_file(at("four") / file)) << file;
    }
    const FeatureStore opened = open_store(at("one"));
    const FeatureStore direct = read_folder(at("music"), folder_options()).first;
    EXPECT_EQ(direct.values, opened.values);
    EXPECT_EQ(direct.labels, opened.labels);
    EXPECT_EQ(names_of(direct), names_of(opened));
    EXPECT_EQ(direct.segment_labels(), opened.segment_labels());
    EXPECT_EQ(direct.fingerprint(), opened.fingerprint());
}

TEST_F(Store, FingerprintChangesWithValuesNamesAndGenres) {
    make_collection();
    const FeatureStore store = read_folder(at("music"), folder_options()).first;
    EXPECT_EQ(store.fingerprint().size(), 16);
    FeatureStore other = store;
    other.values.back() += 0.5F;
    EXPECT_NE(other.fingerprint(), store.fingerprint());
    other = store;
    other.tracks[0].name += "x";
    EXPECT_NE(other.fingerprint(), store.fingerprint());
    other = store;
    std::swap(other.labels[0], other.labels[1]);
    EXPECT_NE(other.fingerprint(), store.fingerprint());
}

TEST_F(Store, CorruptTracksAreReportedAndLeftOut) {
    make_collection();
    files::write_file(at("music/low/broken.mp3"), "this is no music at all");
    files::write_file(at("music/low/empty.wav"), "");
    testing::write_wav(at("music/low/one_sample.wav"), {1});
    testing::write_wav(at("music/low/silent.wav"), std::vector<std::int16_t>(50000));
    testing::write_wav(at("music/stray.wav"), testing::tone(1.0, 100));
    fs::create_symlink("nowhere.wav", at("music/low/dangling.wav"));
    const StoreSummary summary = create_store(at("music"), at("made"), folder_options());
    EXPECT_EQ(summary.tracks, 6);
    std::map<std::string, ErrorCode> failures;
    for (const files::FileFailure& failure : summary.failures) {
        failures[failure.path.filename()] = failure.code;
        EXPECT_TRUE(testing::contains(failure.message, failure.path.string()));
    }
    EXPECT_EQ(failures.size(), 6);
    EXPECT_EQ(failures.at("one_sample.wav"), ErrorCode::too_short);
    EXPECT_EQ(failures.at("silent.wav"), ErrorCode::no_audio);
    EXPECT_EQ(failures.at("stray.wav"), ErrorCode::bad_data);
    EXPECT_EQ(failures.at("dangling.wav"), ErrorCode::not_found);
    EXPECT_TRUE(failures.contains("broken.mp3"));
    EXPECT_TRUE(failures.contains("empty.wav"));
    EXPECT_EQ(open_store(at("made")).tracks.size(), 6);
}

TEST_F(Store, NeedsTwoGenresAndSomeAudio) {
    testing::write_wav(at("music/only/a.wav"), testing::tone(2.0, 100));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { create_store(at("music"), at("made"), folder_options()); }),
                                  "bad_data: " + at("music").string() + ": has one genre, only"));
    fs::create_directories(at("music/other"));
    files::write_file(at("music/other/broken.mp3"), "not audio");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { create_store(at("music"), at("made"), folder_options()); }),
                                  "bad_data: "));
    fs::create_directories(at("nothing/here"));
    files::write_file(at("nothing/here/notes.txt"), "words");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { create_store(at("nothing"), at("made"), folder_options()); }),
                                  "no_audio: "));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { create_store(at("none"), at("made"), folder_options()); }),
                                  "not_found: "));
    EXPECT_TRUE(testing::contains(
        testing::error_of([&] { read_folder(at("nothing/here/notes.txt"), folder_options()); }), "bad_data: "));
    FolderOptions bad = folder_options();
    bad.features.hop_length = 0;
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { create_store(at("music"), at("made"), bad); }), "bad_option: "));
    expect_only({"music", "nothing"});
}

TEST_F(Store, TracksOfOneNameAreToldApartByTheirFolders) {
    for (const char* name : {"music/a/01.wav", "music/b/01.wav", "music/b/02.wav", "music/b/cd/02.wav"}) {
        testing::write_wav(at(name), testing::tone(1.0, 300));
    }
    fs::create_directory_symlink("..", at("music/b/cd/loop"));
    EXPECT_EQ(names_of(read_folder(at("music"), folder_options()).first),
              (std::vector<std::string>{"a/01.wav", "b/01.wav", "02", "cd/02"}));
}

TEST_F(Store, NamesThatAreNoUtf8AreEscaped) {
    testing::write_wav(at("music/a/caf\xe9.wav"), testing::tone(1.0, 300));
    testing::write_wav(at("music/b/caf\xc3\xa9, \"live\".wav"), testing::tone(1.0, 300));
    create_store(at("music"), at("made"), folder_options());
    EXPECT_EQ(names_of(open_store(at("made"))), (std::vector<std::string>{"caf%E9", "caf\xc3\xa9, \"live\""}));
}

TEST_F(Store, WhatExistsIsNotOverwritten) {
    make_collection();
    fs::create_directories(at("made"));
    files::write_file(at("made/precious"), "kept");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { create_store(at("music"), at("made"), folder_options()); }),
                                  "cannot_write: "));
    EXPECT_EQ(files::read_file(at("made/precious")), "kept");
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { create_store(at("music"), at("no/such/place"), folder_options()); }),
                          "Make its folder first"));
    fs::create_directories(at("hollow"));
    create_store(at("music"), at("hollow/"), folder_options());  // an empty folder may be filled
    EXPECT_EQ(open_store(at("hollow")).tracks.size(), 6);
    expect_only({"music", "made", "hollow"});
}

TEST_F(Store, NothingHalfWrittenIsLeftWhenStoppedOrFull) {
    make_collection();
    base::StopFlag stop = false;
    FolderOptions options = folder_options();
    options.stop = &stop;
    options.progress = [&](const base::Progress& progress) { stop = progress.done >= 2; };
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { create_store(at("music"), at("made"), options); }), "interrupted: "));
    expect_only({"music"});
    {
        const testing::FileSizeLimit limit(5000);
        EXPECT_TRUE(testing::contains(
            testing::error_of([&] { create_store(at("music"), at("made"), folder_options()); }), "cannot_write: "));
    }
    expect_only({"music"});
}

TEST_F(Store, AKilledRunLeavesNoStoreUnderTheName) {
    make_collection();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        FolderOptions options = folder_options(1);
        options.progress = [](const base::Progress& progress) {
            if (progress.done == 6) ::raise(SIGKILL);
        };
        create_store(at("music"), at("made"), options);
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(fs::exists(at("made")));
    create_store(at("music"), at("made"), folder_options());  // what the killed run left is not in the way
    EXPECT_EQ(open_store(at("made")).tracks.size(), 6);
}

class BrokenStore : public Store {
  protected:
    void SetUp() override {
        make_collection();
        create_store(at("music"), at("made"), folder_options());
    }
    /// Replaces `from` by `to` in a file of the store and opens it.
    std::string error(const std::string& file, const std::string& from, const std::string& to) const {
        const std::string before = files::read_file(at("made") / file);
        std::string text = before;
        const std::size_t place = text.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        files::write_file(at("made") / file, text.replace(place, from.size(), to));
        const std::string message = testing::error_of([&] { open_store(at("made")); });
        files::write_file(at("made") / file, before);
        return message;
    }
};

TEST_F(BrokenStore, IsRefusedWithTheNameOfTheFile) {
    const std::string index = "corrupt: " + at("made/index.csv").string();
    EXPECT_TRUE(testing::contains(error("index.csv", "\n3,", "\n5,"), index + ": line 5: segment 3 expected"));
    EXPECT_TRUE(testing::contains(error("index.csv", "low.1,low", "low.1,loud"), "genre \"loud\""));
    EXPECT_TRUE(testing::contains(error("index.csv", "low.1,low", "low.1,high"), "second genre"));
    EXPECT_TRUE(testing::contains(error("index.csv", "low.2,low", "low.0,low"), "stands apart"));
    EXPECT_TRUE(testing::contains(error("index.csv", "low,0,1\n", "low,nan,1\n"), index));
    EXPECT_TRUE(testing::contains(error("index.csv", "genre", "style"), "no column \"genre\""));
    EXPECT_TRUE(testing::contains(error("index.csv", "\n14,low.2,low,3,4\n", "\n"),
                                  "corrupt: " + at("made/features.npy").string()));
    EXPECT_TRUE(testing::contains(error("options.json", "\"format\": 1", "\"format\": 3"), "unsupported: "));
    EXPECT_TRUE(testing::contains(error("options.json", "\"format\"", "\"was\""), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("options.json", "\"frames\": 44", "\"frames\": 43"), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("options.json", "\"frames\": 44", "\"frames\": 4400"), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("options.json", "\"high\",", ""), "bad_data: "));
    EXPECT_TRUE(testing::contains(error("options.json", "\"high\"", "\"low\""), "names a label twice"));
    EXPECT_TRUE(testing::contains(error("options.json", "{", "["), "no valid JSON"));
    EXPECT_TRUE(
        testing::contains(error("features.npy", "(15,", "(16,"), "corrupt: " + at("made/features.npy").string()));
    EXPECT_TRUE(testing::contains(error("features.npy", "(15, 44, 13)", "(15, 13, 44)"), "corrupt: "));
    EXPECT_EQ(open_store(at("made")).segment_count(), 15);
}

TEST_F(BrokenStore, ValuesThatAreNotFiniteAreRefused) {
    std::string bytes = files::read_file(at("made/features.npy"));
    bytes.replace(bytes.size() - 4, 4, std::string("\0\0\xc0\x7f", 4));
    files::write_file(at("made/features.npy"), bytes);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { open_store(at("made")); }), "not finite"));
    fs::remove(at("made/features.npy"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { open_store(at("made")); }), "bad_data: "));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { open_store(at("none")); }), "not_found: "));
}

class Import : public Store {
  protected:
    void SetUp() override {
        formats::NpyWriter writer(at("array.npy"), {10, 13});
        std::vector<float> values(3 * 130);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
        writer.append(values);
        writer.commit();
        files::write_file(at("index.csv"), "x,track,genre\n1,a,rock\n2,b,jazz\n3,c,rock\n");
        segments.seconds = 0.5;
        segments.segments_per_block = 2;
        segments.frames = 4;
        segments.frame_step = 5.0;
    }
    std::string error(const std::string& index) {
        files::write_file(at("index.csv"), index);
        return testing::error_of(
            [&] { import_store(at("array.npy"), at("index.csv"), at("made"), features, segments); });
    }
    FeatureOptions features;
    SegmentOptions segments;
};

TEST_F(Import, TakesConsecutiveColumnsAndDropsTheRest) {
    const StoreSummary summary = import_store(at("array.npy"), at("index.csv"), at("made"), features, segments);
    EXPECT_EQ(summary.tracks, 3);
    const FeatureStore store = open_store(at("made"));
    EXPECT_EQ(store.labels, (std::vector<std::string>{"jazz", "rock"}));
    EXPECT_EQ(names_of(store), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(store.segment_labels(), (std::vector<int>{1, 1, 0, 0, 1, 1}));
    EXPECT_EQ(store.segment(0).front(), 0.0F);
    EXPECT_EQ(store.segment(1).front(), 52.0F);
    EXPECT_EQ(store.segment(1).back(), 103.0F);
    EXPECT_EQ(store.segment(5).front(), 260.0F + 52.0F);
    EXPECT_DOUBLE_EQ(store.times[3].end, 1.0);
}

TEST_F(Import, RefusesWhatDoesNotFit) {
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\nb,jazz\n"), "holds 3 tracks"));
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\na,jazz\nc,rock\n"), "names track \"a\" again"));
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\nb,rock\nc,rock\n"), "at least two genres"));
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\nb,\nc,rock\n"), "line 3 lacks"));
    EXPECT_TRUE(testing::contains(error("track\na\nb\nc\n"), "no column \"genre\""));
    segments.segments_per_block = 1;
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\nb,jazz\nc,rock\n"),
                                  "10 columns hold 2 segments of 4, not the 1"));
    features.coefficients = 12;
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\nb,jazz\nc,rock\n"), "13 coefficients"));
    expect_only({"array.npy", "index.csv"});
}

/// Writes an array of bytes, 2 tracks × 3 coefficients × 4 columns, that count up from 0.
void write_bytes(const fs::path& path) {
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4), }";
    header.resize(117, ' ');
    header += '\n';
    std::string bytes = "\x93NUMPY";
    bytes += {'\x01', '\x00', static_cast<char>(header.size()), '\x00'};
    bytes += header;
    for (char value = 0; value < 24; ++value) bytes += value;
    files::write_file(path, bytes);
}

TEST_F(Import, TurnsAndScalesQuantisedImages) {
    write_bytes(at("bytes.npy"));
    files::write_file(at("index.csv"), "track,genre,min_db,range_db\na,rock,-80,256\nb,jazz,-40,25.6\n");
    features.kind = FeatureKind::logmel;
    features.mel_bands = features.coefficients = 3;
    segments.segments_per_block = 2;
    segments.frames = 2;
    const auto import_bytes = [&](ArrayLayout layout) {
        return import_store(at("bytes.npy"), at("index.csv"), at("made"), features, segments, layout);
    };
    EXPECT_TRUE(testing::contains(testing::error_of([&] { import_bytes(ArrayLayout::columns_first); }),
                                  "has 4 coefficients a column"));
    EXPECT_EQ(import_bytes(ArrayLayout::coefficients_first).segments, 4);
    const FeatureStore store = open_store(at("made"));
    // Column 0 of the first track holds the bytes 0, 4 and 8, column 1 the bytes 1, 5 and 9.
    const std::vector<float> first{-79.5F, -75.5F, -71.5F, -78.5F, -74.5F, -70.5F};
    EXPECT_TRUE(std::equal(first.begin(), first.end(), store.segment(0).begin()));
    // The last column of the second track: 15, 19 and 23, in steps of a tenth.
    const std::span<const float> last = store.segment(3);
    EXPECT_NEAR(last[3], -40.0 + 0.1 * 15.5, 1e-5);
    EXPECT_NEAR(last[5], -40.0 + 0.1 * 23.5, 1e-5);
}

TEST_F(Import, RefusesBytesWithoutTheirScale) {
    write_bytes(at("array.npy"));
    features.kind = FeatureKind::logmel;
    features.mel_bands = features.coefficients = 4;
    segments.segments_per_block = 1;
    segments.frames = 3;
    EXPECT_TRUE(testing::contains(error("track,genre\na,rock\nb,jazz\n"), "must have the columns min_db and range_db"));
    EXPECT_TRUE(testing::contains(error("track,genre,min_db,range_db\na,rock,-80,80\nb,jazz,low,80\n"),
                                  "line 3: \"low\" in column min_db is no number"));
    expect_only({"array.npy", "index.csv"});
}

TEST_F(Import, RealFeaturesOfGtzanBecomeAStore) {
    const fs::path data = fs::path(EARMARK_SOURCE_DIR) / ".." / "shared" / "data" / "gtzan" / "features";
    if (!fs::exists(data)) GTEST_SKIP() << "needs GTZAN's features at " << data;
    segments = {6.0, 5, 77, 1293.0 / 387.5};
    import_store(data / "mfcc13_f32.npy", data / "index.csv", at("gtzan.store"), features, segments);
    const FeatureStore store = open_store(at("gtzan.store"));
    EXPECT_EQ(store.tracks.size(), 999);
    EXPECT_EQ(store.segment_count(), 4995);
    EXPECT_EQ(store.labels.size(), 10);
    formats::NpyReader reader(data / "mfcc13_f32.npy");
    std::vector<float> first(387 * 13);
    reader.read(first);
    for (int k = 0; k < 5; ++k) {
        const std::span<const float> segment = store.segment(k);
        EXPECT_TRUE(std::equal(segment.begin(), segment.end(), first.begin() + k * 77 * 13));
    }
}

}  // namespace
}  // namespace earmark::dataset
