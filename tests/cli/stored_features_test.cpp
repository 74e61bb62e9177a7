// The road that sound takes must end where training began: features computed from audio agree with the stored ones that
// networks learn from, and so do the verdicts of the shipped model.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>

#include "dataset/csv.hpp"
#include "dataset/npy.hpp"
#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "earmark/segments.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t columns = 387;  // of a stored track
constexpr std::size_t stored_size = columns * 13;
constexpr std::size_t used_size = 5 * 77 * 13;  // what its five segments take

TEST(StoredFeatures, AgreeWithThoseFromAudioAndSoDoVerdicts) {
    const fs::path data = fs::path(EARMARK_SOURCE_DIR) / "../shared/data/gtzan";
    if (!fs::exists(data / "audio")) GTEST_SKIP() << "needs the GTZAN clips of ../shared, which are not here";
    const CsvTable index = read_csv(data / "features/index.csv");
    std::map<std::string, std::size_t> row_of;
    for (std::size_t row = 0; row < index.rows.size(); ++row) row_of[index.rows[row][index.column("track")]] = row;
    NpyReader npy(data / "features/mfcc13_f32.npy");
    std::vector<float> stored(npy.size());
    npy.read(stored);

    const Classifier classifier(fs::path(EARMARK_SOURCE_DIR) / "models/default.safetensors");
    double differences[13] = {};
    double frames = 0.0;
    int clips = 0;
    int same_verdict = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data / "audio")) {
        if (!entry.is_regular_file()) continue;
        const std::string track = entry.path().stem();
        ASSERT_TRUE(row_of.contains(track)) << track;
        // The store spreads 387 columns over each track's own number of frames, which is 1293 for most.
        const std::vector<std::string>& row = index.rows[row_of[track]];
        SegmentOptions own = classifier.model().segments;
        own.seconds = std::stod(row[index.column("samples")]) / 22050.0 / own.segments_per_block;
        own.frame_step = std::stod(row[index.column("frames_hop512")]) / 387.5;
        Segmenter segmenter(classifier.model().features, own);
        std::vector<float> features;
        const auto keep = [&](const Segment& segment) {
            features.insert(features.end(), segment.values.begin(), segment.values.end());
        };
        AudioReader reader(entry.path());
        for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) segmenter.push(samples, keep);
        ASSERT_EQ(segmenter.finish(keep), 5) << track;
        ASSERT_EQ(features.size(), used_size) << track;
        const std::span<const float> expected(stored.data() + row_of[track] * stored_size, used_size);
        for (std::size_t i = 0; i < used_size; ++i) {
            differences[i % 13] += std::abs(static_cast<double>(features[i]) - static_cast<double>(expected[i]));
        }
        frames += used_size / 13;

        Verdict from_store;
        from_store.probabilities.assign(classifier.labels().size(), 0.0F);
        const std::vector<float> segments = classifier.probabilities(expected);
        for (std::size_t i = 0; i < segments.size(); ++i)
            from_store.probabilities[i % classifier.labels().size()] += segments[i];
        same_verdict += classifier.classify(entry.path()).best() == from_store.best();
        ++clips;
    }
    ASSERT_GE(clips, 70);
    double others = 0.0;
    for (int i = 1; i < 13; ++i) others += differences[i] / frames / 12.0;
    std::printf("%d clips: mean absolute difference of c0 %.3f, of c1 to c12 %.3f; same verdict for %d\n", clips,
                differences[0] / frames, others, same_verdict);
    EXPECT_LE(differences[0] / frames, 2.0);
    for (int i = 1; i < 13; ++i) EXPECT_LE(differences[i] / frames, 0.3) << "c" << i;
    EXPECT_GE(same_verdict, 0.95 * clips);
}

}  // namespace
}  // namespace earmark
