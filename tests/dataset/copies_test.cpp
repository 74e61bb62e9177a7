#include "dataset/copies.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "dataset/make_store.hpp"
#include "dataset/split.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "support/error_of.hpp"
#include "support/small_store.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::dataset {
namespace {

namespace fs = std::filesystem;

constexpr int rate = 22050;

/// A piece of its own for each seed: chords of four random notes that change every third of a second or so.
std::vector<float> piece(std::uint64_t seed, double seconds) {
    std::mt19937_64 random(seed);
    const auto count = static_cast<std::size_t>(seconds * rate);
    std::vector<float> samples(count);
    for (std::size_t begin = 0; begin < count;) {
        const std::size_t length = static_cast<std::size_t>(rate) / 5 + random() % (static_cast<std::size_t>(rate) / 4);
        for (int note = 0; note < 4; ++note) {
            const double hertz = 110.0 * std::exp2(static_cast<double>(random() % 60) / 12.0);
            for (std::size_t i = begin; i < std::min(begin + length, count); ++i) {
                const double fade = std::exp(-3.0 * static_cast<double>(i - begin) / static_cast<double>(length));
                const double phase = 2.0 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
                samples[i] += static_cast<float>(0.1 * fade * (std::sin(phase) + 0.5 * std::sin(3.0 * phase)));
            }
        }
        begin += length;
    }
    return samples;
}

/// What a lossy codec or another level does to it: quieter, with noise, the highest octave gone.
std::vector<float> worn(std::vector<float> samples, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> noise(0.0F, 0.002F);
    float before = 0.0F;
    for (float& sample : samples) {
        const float now = sample;
        sample = 0.35F * (now + before) + noise(random);
        before = now;
    }
    return samples;
}

std::vector<float> from(const std::vector<float>& samples, double seconds) {
    return {samples.begin() + static_cast<std::ptrdiff_t>(seconds * rate), samples.end()};
}

class Copies : public ::testing::TestWithParam<FeatureKind> {
  protected:
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    void write(const std::string& name, const std::vector<float>& samples) const {
        testing::write_wav(at("music/" + name), samples);
    }
    FolderOptions options() const {
        FolderOptions options;
        options.features.kind = GetParam();
        options.jobs = 2;
        return options;
    }

  private:
    testing::TemporaryFolder folder_;
};

TEST_P(Copies, AreFoundWhateverTheyAreCalledAndHoweverTheyWereSaved) {
    const std::vector<float> first = piece(1, 26.0);
    write("blues/first.wav", first);
    write("jazz/renamed.wav", first);
    write("jazz/worn.wav", worn(first, 5));
    write("rock/cut.wav", from(first, 4.3));
    for (int i = 2; i < 8; ++i) write("rock/other" + std::to_string(i) + ".wav", piece(i, 26.0));
    const StoreSummary summary = create_store(at("music"), at("made"), options());
    ASSERT_EQ(summary.copies.size(), 3U);
    for (const TrackCopy& copy : summary.copies) {
        EXPECT_EQ(copy.copy_of, "first");
        EXPECT_EQ(copy.other_genre, "blues");
        EXPECT_EQ(copy.equal, copy.track == "renamed") << copy.track;
    }
    const FeatureStore store = open_store(at("made"));
    EXPECT_TRUE(store.copies_known);
    ASSERT_EQ(copies_in(store).size(), 3U);
    EXPECT_EQ(copies_in(store)[0].track, "renamed");
    EXPECT_NE(store.fingerprint(), store.split_fingerprint());
    const auto [in_memory, again] = read_folder(at("music"), options());
    EXPECT_EQ(recordings_of(in_memory), recordings_of(store));
    EXPECT_EQ(again.copies.size(), 3U);
    // Who takes tracks for classes has one of them for one recording.
    EXPECT_EQ(labelled_by_track(store).labels.size(), 7U);
}

TEST_P(Copies, AStoreOfDifferentPiecesHasNone) {
    for (int i = 0; i < 8; ++i) write((i % 2 == 0 ? "even/" : "odd/") + std::to_string(i) + ".wav", piece(i, 20.0));
    EXPECT_TRUE(create_store(at("music"), at("made"), options()).copies.empty());
    const FeatureStore store = open_store(at("made"));
    EXPECT_TRUE(store.copies_known);
    EXPECT_FALSE(store.has_copies());
    EXPECT_EQ(store.fingerprint(), store.split_fingerprint());
    const formats::CsvTable table = formats::read_csv(at("made/tracks.csv"));
    EXPECT_EQ(table.rows.size(), 8U);
    EXPECT_EQ(table.rows[0][table.column("sound")].size(), 16U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Copies,
                         ::testing::Values(FeatureKind::mfcc, FeatureKind::logmel, FeatureKind::mel,
                                           FeatureKind::spectrogram),
                         [](const auto& made) { return std::string(to_string(made.param)); });

TEST(SoundSketch, IsReadBackFromItsText) {
    FeatureOptions features;
    const FeatureStore store = testing::small_store({"a", "b"}, 1, 5);
    const SoundPrint print = sound_print(store.track_values(store.tracks[0]), features, store.segments);
    ASSERT_FALSE(print.steps.empty());
    const SoundSketch sketch = sketch_of(print, stored_words);
    EXPECT_LE(sketch.words.size(), static_cast<std::size_t>(stored_words));
    EXPECT_EQ(sound_sketch(to_text(sketch), "m"), sketch);
    EXPECT_EQ(compare(print, sketch), Likeness::equal);
    SoundSketch inexact = sketch;
    inexact.hash = 1;
    EXPECT_EQ(compare(print, inexact), Likeness::near);
    const SoundPrint other = sound_print(store.track_values(store.tracks[1]), features, store.segments);
    EXPECT_EQ(compare(other, sketch), Likeness::different);
    for (const char* text : {"x", "AAAA", "AAAAAAAAAAAAAA==", "!!!!!!!!!!!="}) {
        EXPECT_TRUE(testing::contains(testing::error_of([&] { sound_sketch(text, "m.safetensors"); }),
                                      "corrupt: m.safetensors"))
            << text;
    }
}

TEST(SoundPrint, OfASteadySoundIsItsHashAlone) {
    const FeatureStore store = testing::small_store({"a", "b"}, 1, 5);
    const std::vector<float> steady(store.segment_size() * 5, -20.0F);
    const SoundPrint print = sound_print(steady, store.features, store.segments);
    EXPECT_NE(print.hash, 0U);
    EXPECT_TRUE(print.steps.empty());
    std::vector<float> another = steady;
    another.back() = -21.0F;
    EXPECT_EQ(compare(sound_print(another, store.features, store.segments), sketch_of(print, comparison_words)),
              Likeness::different);
}

/// A store with copies: the first track of each genre but the first is the first track of all, and 5 = 6 of the first.
FeatureStore store_with_copies() {
    FeatureStore store = testing::small_store({"blues", "jazz", "rock"}, 20, 3);
    store.tracks[20].copy_of = 0;
    store.tracks[40].copy_of = 0;
    store.tracks[6].copy_of = 5;
    store.tracks[7].copy_of = 5;
    store.copies_known = true;
    return store;
}

std::vector<Part> parts_of(const Split& split, const FeatureStore& store) {
    std::vector<Part> parts;
    for (const StoredTrack& track : store.tracks) {
        parts.push_back(split.parts[static_cast<std::size_t>(track.first_segment)]);
    }
    return parts;
}

void expect_together(const Split& split, const FeatureStore& store) {
    const std::vector<Part> parts = parts_of(split, store);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (store.tracks[i].copy_of < 0) continue;
        EXPECT_EQ(parts[i], parts[static_cast<std::size_t>(store.tracks[i].copy_of)]) << store.tracks[i].name;
    }
}

TEST(SplitOfCopies, KeepsThemOnOneSideInEveryProtocol) {
    const FeatureStore store = store_with_copies();
    testing::TemporaryFolder folder;
    std::string csv = "track,genre,part\n";
    std::string artists = "track,artist\n";
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        const StoredTrack& track = store.tracks[i];
        const bool tested = i % 20 > 15;  // no copy among them
        csv +=
            track.name + "," + store.labels[static_cast<std::size_t>(track.label)] + (tested ? ",test\n" : ",train\n");
        artists += track.name + ",artist " + std::to_string(i / 2) + "\n";
    }
    files::write_file(folder.path() / "split.csv", csv);
    files::write_file(folder.path() / "artists.csv", artists);
    for (const SplitKind kind : {SplitKind::random_tracks, SplitKind::k_fold, SplitKind::csv_folds}) {
        for (const bool whole_artists : {false, true}) {
            for (int trial = 0; trial < 10; ++trial) {
                SplitOptions options;
                options.kind = kind;
                options.seed = static_cast<std::uint64_t>(trial);
                options.fold = trial;
                options.csv = folder.path() / "split.csv";
                if (whole_artists) options.groups = folder.path() / "artists.csv";
                const Split split = make_split(store, options);
                SCOPED_TRACE(std::string(base::enum_name(kind)) + (whole_artists ? " artists " : " ") +
                             std::to_string(trial));
                expect_together(split, store);
                EXPECT_EQ(std::ranges::count(parts_of(split, store), Part::none), 0);
                EXPECT_EQ(to_json(split.options)["whole_recordings"], true);
                EXPECT_EQ(make_split(store, split_options(to_json(split.options), "x")).parts, split.parts);
            }
        }
    }
}

TEST(SplitOfCopies, AFileThatPutsThemOnTwoSidesIsMendedAndTold) {
    const FeatureStore store = store_with_copies();
    testing::TemporaryFolder folder;
    SplitOptions options;
    options.kind = SplitKind::csv;
    options.csv = folder.path() / "split.csv";
    files::write_file(options.csv,
                      "track,genre,part\nblues.00000,blues,train\njazz.00000,jazz,test\nrock.00000,rock,valid\n"
                      "blues.00005,blues,train\nblues.00006,blues,valid\nblues.00001,blues,train\n");
    Split split = make_split(store, options);
    EXPECT_EQ(tracks_of(store, split, Part::test), std::vector<std::string>{"jazz.00000"});
    EXPECT_EQ(tracks_of(store, split, Part::valid), std::vector<std::string>{"blues.00006"});
    EXPECT_EQ(tracks_of(store, split, Part::train), std::vector<std::string>{"blues.00001"});
    ASSERT_EQ(split.warnings.size(), 1U);
    EXPECT_TRUE(testing::contains(split.warnings[0], "blues.00000, blues.00005, rock.00000"));
    // A split that was recorded before copies were looked for stays as it was.
    options = split_options({{"kind", "csv"}, {"csv", options.csv.string()}}, "old");
    split = make_split(store, options);
    EXPECT_EQ(tracks_of(store, split, Part::train).size(), 3U);
    EXPECT_TRUE(testing::contains(split.warnings.at(0), "are copies of tracks of another part"));
    EXPECT_FALSE(to_json(split.options).contains("whole_recordings"));
}

TEST(SplitOfCopies, IsThatOfDataWithoutCopiesWhereThereAreNone) {
    FeatureStore store = testing::small_store({"blues", "jazz", "rock"}, 20, 3);
    for (const SplitKind kind : {SplitKind::random_tracks, SplitKind::k_fold, SplitKind::random_segments}) {
        SplitOptions options;
        options.kind = kind;
        store.copies_known = false;
        const Split before = make_split(store, options);
        store.copies_known = true;
        EXPECT_EQ(make_split(store, options).parts, before.parts);
        EXPECT_FALSE(to_json(before.options).contains("whole_recordings"));
    }
}

}  // namespace
}  // namespace earmark::dataset
