#include <gtest/gtest.h>

#include <cmath>

#include "earmark/error.hpp"
#include "earmark/segments.hpp"
#include "features/reference.hpp"

namespace earmark::features {
namespace {

constexpr std::size_t six_seconds = 132'300;

struct Cut {
    std::int64_t index;
    double start;
    double end;
    bool silent;
    std::vector<float> values;
};

struct Result {
    std::int64_t count = 0;
    std::vector<Cut> cuts;
};

Result cut(Segmenter& segmenter, std::span<const float> samples, std::size_t piece = 4096) {
    Result result;
    const auto sink = [&](const Segment& segment) {
        result.cuts.push_back({segment.index,
                               segment.start_seconds,
                               segment.end_seconds,
                               segment.silent,
                               {segment.values.begin(), segment.values.end()}});
    };
    for (; !samples.empty(); samples = samples.subspan(std::min(piece, samples.size()))) {
        segmenter.push(samples.first(std::min(piece, samples.size())), sink);
    }
    result.count = segmenter.finish(sink);
    EXPECT_EQ(result.count, static_cast<std::int64_t>(result.cuts.size()));
    for (std::size_t i = 0; i < result.cuts.size(); ++i) EXPECT_EQ(result.cuts[i].index, static_cast<std::int64_t>(i));
    return result;
}

FeatureMatrix features_of(const FeatureOptions& options, std::span<const float> samples) {
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(samples, matrix);
    return matrix;
}

TEST(Segmenter, CutsAGtzanClipIntoFive) {
    const auto samples = testing::make_noise(661'794);
    Segmenter segmenter({}, {});
    const auto result = cut(segmenter, samples);
    ASSERT_EQ(result.count, 5);
    for (std::size_t k = 0; k < 5; ++k) {
        const Cut& segment = result.cuts[k];
        EXPECT_EQ(segment.values.size(), 259U * 13U);
        EXPECT_DOUBLE_EQ(segment.start, 6.0 * static_cast<double>(k));
        EXPECT_DOUBLE_EQ(segment.end, 6.0 * static_cast<double>(k + 1));
        EXPECT_FALSE(segment.silent);
        // A segment is a signal of its own.
        const auto own = features_of({}, std::span(samples).subspan(k * six_seconds, six_seconds));
        EXPECT_EQ(own.values, segment.values);
    }
}

TEST(Segmenter, KeepsATailThatHoldsAllColumns) {
    const auto samples = testing::make_noise(661'296);
    Segmenter segmenter({}, {});
    EXPECT_EQ(cut(segmenter, std::span(samples).first(661'295)).count, 4);
    const auto result = cut(segmenter, samples);
    ASSERT_EQ(result.count, 5);
    EXPECT_DOUBLE_EQ(result.cuts[4].end, 661'296.0 / 22050.0);
    EXPECT_EQ(result.cuts[4].values, features_of({}, std::span(samples).subspan(4 * six_seconds)).values);
}

TEST(Segmenter, TakesColumnsOfABlockAsTheStoreDoes) {
    const auto samples = testing::make_noise(700'000);
    const SegmentOptions options{6.0, 5, 77, 2586.0 / 775.0};
    Segmenter segmenter({}, options);
    const auto result = cut(segmenter, samples, 10'007);
    ASSERT_EQ(result.count, 5);
    const auto block = features_of({}, std::span(samples).first(5 * six_seconds));
    for (int k = 0; k < 5; ++k) {
        for (int j = 0; j < 77; ++j) {
            const auto frame = block.frame(static_cast<std::int64_t>(std::floor((k * 77 + j + 0.5) * 2586.0 / 775.0)));
            const auto* column = result.cuts[static_cast<std::size_t>(k)].values.data() + j * 13;
            ASSERT_TRUE(std::equal(frame.begin(), frame.end(), column)) << k << ' ' << j;
        }
    }
}

TEST(Segmenter, KeepsThoseSegmentsOfATailBlockThatAreWhole) {
    const SegmentOptions options{6.0, 5, 77, 2586.0 / 775.0};
    // Column 76 of segment 6 (the second of the second block) is frame floor(153.5 · 3.3368) = 512 of its block.
    const std::size_t enough = 5 * six_seconds + 512 * 512;
    const auto samples = testing::make_noise(enough);
    Segmenter segmenter({}, options);
    EXPECT_EQ(cut(segmenter, std::span(samples).first(enough - 1)).count, 6);
    const auto result = cut(segmenter, samples);
    ASSERT_EQ(result.count, 7);
    EXPECT_DOUBLE_EQ(result.cuts[5].start, 30.0);
    EXPECT_DOUBLE_EQ(result.cuts[6].start, 36.0);
    EXPECT_DOUBLE_EQ(result.cuts[6].end, static_cast<double>(enough) / 22050.0);
}

TEST(Segmenter, DoesNotCareHowTheSignalArrives) {
    const auto samples = testing::make_noise(450'000);
    Segmenter segmenter({}, {});
    const auto whole = cut(segmenter, samples, samples.size());
    ASSERT_EQ(whole.count, 3);
    for (const std::size_t piece : {997U, 132'300U, 132'301U}) {
        const auto pieces = cut(segmenter, samples, piece);
        ASSERT_EQ(pieces.count, whole.count);
        for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(pieces.cuts[k].values, whole.cuts[k].values);
    }
}

TEST(Segmenter, ForgetsEarlierSignals) {
    const auto samples = testing::make_noise(450'000);
    const auto other = testing::make_noise(140'000, 5);
    for (const SegmentOptions& options : {SegmentOptions{}, SegmentOptions{6.0, 5, 77, 2586.0 / 775.0}}) {
        Segmenter used({}, options);
        for (const std::size_t size : {450'000U, 5000U, 140'000U, 1000U, 60'000U}) {
            cut(used, std::span(samples).first(size));
            for (const std::size_t other_size : {3000U, 140'000U}) {
                Segmenter fresh({}, options);
                const auto expected = cut(fresh, std::span(other).first(other_size));
                const auto result = cut(used, std::span(other).first(other_size));
                ASSERT_EQ(result.count, expected.count);
                for (std::size_t k = 0; k < expected.cuts.size(); ++k) {
                    EXPECT_EQ(result.cuts[k].values, expected.cuts[k].values);
                    EXPECT_EQ(result.cuts[k].start, expected.cuts[k].start);
                }
            }
        }
    }
}

// The first of many short segments whose length is no whole number of samples, and pieces that end within them.
TEST(Segmenter, TellsSilentSegmentsOfAnyLength) {
    FeatureOptions features;
    features.fft_size = 16;
    features.hop_length = 8;
    features.mel_bands = 4;
    features.coefficients = 2;
    const SegmentOptions options{50.4 / 22050.0, 1000, 5, 1.0};
    for (const std::size_t loud : {0U, 50U, 1040U, 10'400U, 39'999U}) {
        std::vector<float> samples(50'400);
        samples[loud] = 0.5F;
        for (const std::size_t piece : {7U, 4096U, 50'400U}) {
            Segmenter segmenter(features, options);
            const auto result = cut(segmenter, samples, piece);
            ASSERT_EQ(result.count, 1000);
            for (std::size_t k = 0; k < 1000; ++k) {
                const auto start = static_cast<std::size_t>(std::llround(50.4 * static_cast<double>(k)));
                const auto end = static_cast<std::size_t>(std::llround(50.4 * static_cast<double>(k + 1)));
                EXPECT_EQ(result.cuts[k].silent, loud < start || loud >= end) << loud << ' ' << k << ' ' << piece;
            }
        }
    }
}

TEST(Segmenter, RepeatsShortSignals) {
    for (const Padding padding : {Padding::zero, Padding::reflect}) {
        for (const int segments_per_block : {1, 5}) {
            FeatureOptions features;
            features.padding = padding;
            const SegmentOptions options{6.0, segments_per_block, 77, 2586.0 / 775.0};
            Segmenter segmenter(features, options);
            for (const std::size_t size : {2048U, 4410U, 100'000U}) {
                const auto samples = testing::make_noise(size);
                const auto result = cut(segmenter, samples);
                ASSERT_EQ(result.count, 1) << size;
                EXPECT_EQ(result.cuts[0].start, 0.0);
                EXPECT_DOUBLE_EQ(result.cuts[0].end, static_cast<double>(size) / 22050.0);

                std::vector<float> repeated(six_seconds);
                for (std::size_t n = 0; n < six_seconds; ++n) repeated[n] = samples[n % size];
                const auto longer = features_of(features, repeated);
                for (int j = 0; j < 77; ++j) {
                    const auto frame = longer.frame(static_cast<std::int64_t>(std::floor((j + 0.5) * 2586.0 / 775.0)));
                    ASSERT_TRUE(std::equal(frame.begin(), frame.end(), result.cuts[0].values.data() + j * 13));
                }
            }
        }
    }
}

TEST(Segmenter, FindsNothingInLessThanAFrame) {
    Segmenter segmenter({}, {});
    EXPECT_EQ(cut(segmenter, {}).count, 0);
    const auto samples = testing::make_noise(2048);
    EXPECT_EQ(cut(segmenter, std::span(samples).first(1)).count, 0);
    EXPECT_EQ(cut(segmenter, std::span(samples).first(2047)).count, 0);
    EXPECT_EQ(cut(segmenter, samples).count, 1);
}

TEST(Segmenter, TellsSilentSegments) {
    std::vector<float> samples(3 * six_seconds);
    samples[10] = 1.0F / 32769.0F;
    samples[six_seconds + 10] = -1.0F / 32768.0F;
    Segmenter segmenter({}, {});
    const auto result = cut(segmenter, samples);
    ASSERT_EQ(result.count, 3);
    EXPECT_TRUE(result.cuts[0].silent);
    EXPECT_FALSE(result.cuts[1].silent);
    EXPECT_TRUE(result.cuts[2].silent);
    for (const Cut& segment : result.cuts) {
        for (const float value : segment.values) ASSERT_TRUE(std::isfinite(value));
    }
}

TEST(Segmenter, TellsSilentSegmentsWithinABlock) {
    std::vector<float> samples(5 * six_seconds);
    samples[2 * six_seconds] = 0.5F;
    Segmenter segmenter({}, {6.0, 5, 77, 2586.0 / 775.0});
    const auto result = cut(segmenter, samples);
    ASSERT_EQ(result.count, 5);
    for (std::size_t k = 0; k < 5; ++k) EXPECT_EQ(result.cuts[k].silent, k != 2) << k;
}

TEST(Segmenter, AlsoCutsWaveforms) {
    FeatureOptions features;
    features.kind = FeatureKind::waveform;
    const auto samples = testing::make_noise(2 * six_seconds);
    Segmenter segmenter(features, {6.0, 1, static_cast<int>(six_seconds), 1.0});
    const auto result = cut(segmenter, samples);
    ASSERT_EQ(result.count, 2);
    EXPECT_TRUE(std::equal(result.cuts[1].values.begin(), result.cuts[1].values.end(), samples.begin() + six_seconds));
}

}  // namespace
}  // namespace earmark::features
