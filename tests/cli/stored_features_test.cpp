// Features computed from audio agree with the stored ones that networks were trained on, and so do the predictions of the
// shipped model.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "earmark/segments.hpp"
#include "formats/csv.hpp"
#include "formats/npy.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t columns = 387;  // of a stored track
constexpr std::int64_t used = 5 * 77;  // what its five segments take

/// The stored features of all tracks.
class Stored {
  public:
    Stored(const fs::path& folder, FeatureKind kind)
        : index_(formats::read_csv(folder / "index.csv")), mfcc_(kind == FeatureKind::mfcc), width_(mfcc_ ? 13 : 128) {
        for (std::size_t row = 0; row < index_.rows.size(); ++row) row_of_[field(row, "track")] = row;
        formats::NpyReader npy(folder / (mfcc_ ? "mfcc13_f32.npy" : "logmel128_u8.npy"));
        values_.resize(npy.size());
        npy.read(values_);
    }

    std::int64_t width() const { return width_; }
    bool has(const std::string& track) const { return row_of_.contains(track); }

    /// The columns of five segments, one after the other.
    std::vector<float> segments(const std::string& track) const {
        const std::size_t row = row_of_.at(track);
        const float* const from = values_.data() + static_cast<std::int64_t>(row) * columns * width_;
        if (mfcc_) return {from, from + used * width_};
        // Bands × columns, in bytes.
        const double low = number(row, "min_db");
        const double step = number(row, "range_db") / 256.0;
        std::vector<float> result;
        for (std::int64_t x = 0; x < used; ++x) {
            for (std::int64_t band = 0; band < width_; ++band) {
                result.push_back(static_cast<float>(low + step * (from[band * columns + x] + 0.5)));
            }
        }
        return result;
    }

    /// The segments of a model on the grid of the track: the store spreads 387 columns over each track's own number of
    /// frames, which is 1293 for most.
    SegmentOptions grid(const std::string& track, SegmentOptions segments) const {
        const std::size_t row = row_of_.at(track);
        segments.seconds = number(row, "samples") / 22050.0 / segments.segments_per_block;
        segments.frame_step = number(row, "frames_hop512") / 387.5;
        return segments;
    }

  private:
    const std::string& field(std::size_t row, const char* column) const {
        return index_.rows[row][index_.column(column)];
    }
    double number(std::size_t row, const char* column) const { return std::stod(field(row, column)); }

    formats::CsvTable index_;
    bool mfcc_;
    std::int64_t width_;
    std::map<std::string, std::size_t> row_of_;
    std::vector<float> values_;
};

std::vector<float> features_of(const fs::path& file, const FeatureOptions& features, const SegmentOptions& segments) {
    Segmenter segmenter(features, segments);
    std::vector<float> result;
    const auto keep = [&](const Segment& segment) {
        result.insert(result.end(), segment.values.begin(), segment.values.end());
    };
    AudioReader reader(file);
    for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) segmenter.push(samples, keep);
    segmenter.finish(keep);
    return result;
}

std::size_t best_of(const Classifier& classifier, std::span<const float> segments) {
    const std::size_t genres = classifier.labels().size();
    Prediction prediction;
    prediction.probabilities.assign(genres, 0.0F);
    const std::vector<float> probabilities = classifier.probabilities(segments);
    for (std::size_t i = 0; i < probabilities.size(); ++i) prediction.probabilities[i % genres] += probabilities[i];
    return prediction.best();
}

/// A model that ships, and how far its features may be from the stored ones: on the mean, each coefficient.
struct Shipped {
    const char* name;
    double first;
    double others;
};
class StoredFeatures : public ::testing::TestWithParam<Shipped> {};

TEST_P(StoredFeatures, AgreeWithThoseFromAudioAndSoDoPredictions) {
    const fs::path data = fs::path(EARMARK_SOURCE_DIR) / "../shared/data/gtzan";
    if (!fs::exists(data / "audio")) GTEST_SKIP() << "needs the GTZAN clips of ../shared, which are not here";
    const Classifier classifier(model_path(GetParam().name));
    const Stored stored(data / "features", classifier.model().features.kind);
    const std::int64_t width = stored.width();
    std::vector<double> differences(static_cast<std::size_t>(width));
    double frames = 0.0;
    int clips = 0;
    int same_prediction = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data / "audio")) {
        if (!entry.is_regular_file()) continue;
        const std::string track = entry.path().stem();
        ASSERT_TRUE(stored.has(track)) << track;
        const std::vector<float> expected = stored.segments(track);
        const std::vector<float> features =
            features_of(entry.path(), classifier.model().features, stored.grid(track, classifier.model().segments));
        ASSERT_EQ(features.size(), expected.size()) << track;
        for (std::size_t i = 0; i < features.size(); ++i) {
            differences[i % differences.size()] +=
                std::abs(static_cast<double>(features[i]) - static_cast<double>(expected[i]));
        }
        frames += static_cast<double>(used);
        same_prediction += classifier.classify(entry.path()).best() == best_of(classifier, expected);
        ++clips;
    }
    ASSERT_GE(clips, 70);
    double others = 0.0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
        differences[i] /= frames;
        EXPECT_LE(differences[i], i == 0 ? GetParam().first : GetParam().others) << "coefficient " << i;
        if (i > 0) others += differences[i] / static_cast<double>(width - 1);
    }
    std::printf(
        "%d clips: mean absolute difference of the first coefficient %.3f, of the others %.3f; same prediction for %d\n",
        clips, differences[0], others, same_prediction);
    EXPECT_GE(same_prediction, 0.95 * clips);
}

INSTANTIATE_TEST_SUITE_P(Shipped, StoredFeatures,
                         ::testing::Values(Shipped{"default", 0.5, 0.5}, Shipped{"mfcc-cnn", 2.0, 0.3}),
                         [](const auto& each) {
                             const std::string name = each.param.name;
                             return name == "default" ? "Logmel" : "Mfcc";
                         });

}  // namespace
}  // namespace earmark
