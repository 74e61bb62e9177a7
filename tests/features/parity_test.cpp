// Features equal librosa's of the same name; the reference values come from tests/reference/make_features.py.
#include <gtest/gtest.h>

#include <cstdlib>

#include "earmark/features.hpp"
#include "features/reference.hpp"

namespace earmark::features {
namespace {

FeatureMatrix compute(const FeatureOptions& options, const std::vector<float>& samples) {
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(samples, matrix);
    return matrix;
}

// Decibels and MFCCs: the bounds are absolute, in dB.
class DecibelDifference {
  public:
    void add(std::span<const float> ours, std::span<const float> theirs) {
        ASSERT_EQ(ours.size(), theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const double difference = std::abs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i]));
            largest_ = std::max(largest_, difference);
            sum_ += difference;
            ++count_;
        }
    }
    void expect_within_bounds() const {
        ASSERT_GT(count_, 0);
        EXPECT_LE(largest_, 0.02);
        EXPECT_LE(sum_ / count_, 0.002);
    }

  private:
    double largest_ = 0.0;
    double sum_ = 0.0;
    int count_ = 0;
};

// Powers: relative to the value itself, or to one 40 dB under the greatest of its frame if that is more. Under that,
// single precision transforms leave the noise of their rounding.
void expect_same_powers(std::span<const float> ours, std::span<const float> theirs) {
    ASSERT_EQ(ours.size(), theirs.size());
    const float greatest = *std::max_element(theirs.begin(), theirs.end());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_NEAR(ours[i], theirs[i], 1e-4F * std::max(theirs[i], 1e-4F * greatest)) << "at " << i;
    }
}

struct Case {
    const char* signal;
    const char* padding;
};

class Parity : public ::testing::TestWithParam<Case> {
  protected:
    void SetUp() override {
        samples_ = testing::to_floats(testing::make_signal(GetParam().signal));
        options_.padding = padding(GetParam().padding);
    }
    testing::Reference reference(const std::string& kind) const {
        return testing::read_reference(std::string(GetParam().signal) + "_" + GetParam().padding + "_" + kind);
    }

    std::vector<float> samples_;
    FeatureOptions options_;
};

TEST_P(Parity, Powers) {
    for (const auto& [kind, every] : {std::pair{FeatureKind::spectrogram, 32}, {FeatureKind::mel, 16}}) {
        options_.kind = kind;
        const auto ours = compute(options_, samples_);
        const auto theirs = reference(std::string(to_string(kind)));
        ASSERT_EQ(theirs.rows(), static_cast<std::size_t>((ours.frames + every - 1) / every));
        for (std::size_t row = 0; row < theirs.rows(); ++row) {
            SCOPED_TRACE(std::string(to_string(kind)) + " row " + std::to_string(row));
            expect_same_powers(ours.frame(static_cast<std::int64_t>(row) * every), theirs.row(row));
        }
    }
}

TEST_P(Parity, Decibels) {
    for (const auto& [kind, every] : {std::pair{FeatureKind::logmel, 16}, {FeatureKind::mfcc, 1}}) {
        SCOPED_TRACE(to_string(kind));
        options_.kind = kind;
        const auto ours = compute(options_, samples_);
        const auto theirs = reference(std::string(to_string(kind)));
        ASSERT_EQ(theirs.rows(), static_cast<std::size_t>((ours.frames + every - 1) / every));
        DecibelDifference difference;
        for (std::size_t row = 0; row < theirs.rows(); ++row) {
            difference.add(ours.frame(static_cast<std::int64_t>(row) * every), theirs.row(row));
        }
        difference.expect_within_bounds();
    }
}

INSTANTIATE_TEST_SUITE_P(Signals, Parity,
                         ::testing::Values(Case{"noise", "zero"}, Case{"noise", "reflect"}, Case{"chord", "zero"},
                                           Case{"chord", "reflect"}, Case{"sweep", "zero"}, Case{"sweep", "reflect"},
                                           Case{"clicks", "zero"}, Case{"clicks", "reflect"}),
                         [](const auto& test) { return std::string(test.param.signal) + "_" + test.param.padding; });

TEST(ParityOfSignals, TheSignalsAreTheOnesThatLibrosaSaw) {
    std::ifstream file(testing::reference_folder() / "signals.txt");
    std::string name;
    std::string checksum;
    int count = 0;
    while (file >> name >> checksum) {
        std::uint64_t value = 0xcbf29ce484222325U;
        for (const std::int16_t sample : testing::make_signal(name)) {
            value = (value ^ static_cast<std::uint16_t>(sample)) * 0x100000001b3U;
        }
        EXPECT_EQ(value, std::stoull(checksum, nullptr, 16)) << name;
        ++count;
    }
    EXPECT_EQ(count, 4);
}

void expect_same_mfcc(const FeatureOptions& options, const std::string& name) {
    const auto ours = compute(options, testing::to_floats(testing::make_signal("sweep")));
    const auto theirs = testing::read_reference("options_" + name + "_mfcc");
    ASSERT_EQ(theirs.shape, (std::vector<std::size_t>{static_cast<std::size_t>(ours.frames),
                                                      static_cast<std::size_t>(ours.coefficients)}));
    DecibelDifference difference;
    difference.add(ours.values, theirs.values);
    difference.expect_within_bounds();
}

TEST(ParityOfOptions, WithoutTopDb) {
    FeatureOptions options;
    options.sample_rate = 44100;
    options.fft_size = 1024;
    options.hop_length = 441;
    options.mel_bands = 40;
    options.coefficients = 20;
    options.minimum_frequency = 50.0;
    options.maximum_frequency = 15000.0;
    options.reference = 0.5;
    options.amin = 1e-6;
    options.top_db.reset();
    expect_same_mfcc(options, "wide");
}

TEST(ParityOfOptions, WithAFrameOfNoPowerOfTwoAndAllCoefficients) {
    FeatureOptions options;
    options.sample_rate = 16000;
    options.fft_size = 400;
    options.hop_length = 160;
    options.mel_bands = 23;
    options.coefficients = 23;
    options.minimum_frequency = 20.0;
    options.maximum_frequency = 7600.0;
    options.top_db = 60.0;
    expect_same_mfcc(options, "speech");
}

TEST(ParityOfOptions, WithGapsBetweenFrames) {
    FeatureOptions options;
    options.hop_length = 3000;
    options.reference = 2.0;
    expect_same_mfcc(options, "sparse");
}

TEST(ParityOfClips, RealMusicGivesWhatLibrosaGives) {
    const auto folder = std::filesystem::path(EARMARK_SOURCE_DIR) / "../shared/data/gtzan/audio";
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << folder << " is not there";
    if (std::system("ffmpeg -version > /dev/null 2>&1") != 0) GTEST_SKIP() << "the ffmpeg program is not installed";

    const auto logmels = testing::read_reference("clips_logmel");
    const auto mfccs = testing::read_reference("clips_mfcc");
    std::ifstream names(testing::reference_folder() / "clips.txt");
    std::string name;
    std::size_t row = 0;
    DecibelDifference logmel_difference;
    DecibelDifference mfcc_difference;
    while (names >> name) {
        const auto path = folder / name.substr(0, name.find('.')) / (name + ".flac");
        const auto samples = testing::decode_with_ffmpeg(path);
        ASSERT_FALSE(samples.empty()) << path;
        FeatureOptions options;
        const auto mfcc = compute(options, samples);
        options.kind = FeatureKind::logmel;
        const auto logmel = compute(options, samples);
        for (const std::int64_t frame : {std::int64_t{0}, std::int64_t{100}, mfcc.frames - 1}) {
            logmel_difference.add(logmel.frame(frame), logmels.row(row));
            mfcc_difference.add(mfcc.frame(frame), mfccs.row(row));
            ++row;
        }
    }
    EXPECT_EQ(row, 30);
    logmel_difference.expect_within_bounds();
    mfcc_difference.expect_within_bounds();
}

}  // namespace
}  // namespace earmark::features
