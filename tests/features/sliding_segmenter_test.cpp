// Segments of signals that are one block: `segments_per_block` 0.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "earmark/error.hpp"
#include "earmark/segments.hpp"
#include "features/reference.hpp"
#include "features/segment_options.hpp"

namespace earmark::features {
namespace {

struct Cut {
    double start;
    double end;
    bool silent;
    std::vector<float> values;
};

std::vector<Cut> cut(Segmenter& segmenter, std::span<const float> samples, std::size_t piece = 4096) {
    std::vector<Cut> cuts;
    const auto sink = [&](const Segment& segment) {
        EXPECT_EQ(segment.index, std::ssize(cuts));
        cuts.push_back({segment.start_seconds,
                        segment.end_seconds,
                        segment.silent,
                        {segment.values.begin(), segment.values.end()}});
    };
    for (; !samples.empty(); samples = samples.subspan(std::min(piece, samples.size()))) {
        segmenter.push(samples.first(std::min(piece, samples.size())), sink);
    }
    const std::int64_t count = segmenter.finish(sink);
    EXPECT_EQ(count, std::ssize(cuts));
    return cuts;
}

FeatureMatrix features_of(const FeatureOptions& options, std::span<const float> samples) {
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(samples, matrix);
    return matrix;
}

struct Way {
    const char* name;
    FeatureOptions features;
    SegmentOptions segments;
    std::int64_t distance;  // samples from one segment to the next

    friend std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name; }
};

FeatureOptions options(int hop, Padding padding) {
    FeatureOptions options;
    options.kind = FeatureKind::logmel;
    options.sample_rate = 16000;
    options.fft_size = 512;
    options.hop_length = hop;
    options.mel_bands = 16;
    options.padding = padding;
    options.compression = Compression::log10_1p;
    options.compression_constant = 10'000.0;
    return options;
}

std::vector<Way> ways() {
    FeatureOptions yamnet = options(160, Padding::zero);
    yamnet.window_length = 400;
    yamnet.spectrum = SpectrumScale::magnitude;
    yamnet.mel_scale = MelScale::htk;
    yamnet.mel_norm = MelNorm::peak;
    yamnet.compression = Compression::ln_offset;
    yamnet.compression_constant = 0.001;
    yamnet.centred = false;
    FeatureOptions mfcc = options(512, Padding::zero);
    mfcc.kind = FeatureKind::mfcc;
    mfcc.fft_size = 2048;
    mfcc.top_db.reset();
    mfcc.compression = Compression::decibels;
    FeatureOptions waveform = options(256, Padding::zero);
    waveform.kind = FeatureKind::waveform;
    return {{"musicnn", options(256, Padding::reflect), {2.992, 0, 187}, 47'872},
            {"yamnet", yamnet, {0.975, 0, 96, 1.0, 48}, 7680},
            {"gaps", options(160, Padding::reflect), {0.5, 0, 40, 1.0, 100}, 16'000},
            {"steps", mfcc, {2.0, 0, 20, 3.0, 7}, 10'752},
            {"waveform", waveform, {0.1, 0, 1600, 1.0, 800}, 800}};
}

class Sliding : public ::testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(Ways, Sliding, ::testing::ValuesIn(ways()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(Sliding, SegmentsAreFramesOfTheWholeSignal) {
    const Way& way = GetParam();
    const bool framed = way.features.kind != FeatureKind::waveform;
    const auto signal = testing::make_noise(230'000);
    Segmenter segmenter(way.features, way.segments);
    for (const std::size_t size : {230'000U, 143'616U, 143'615U, 100'001U, 47'616U}) {
        const auto samples = std::span(signal).first(size);
        const auto whole = features_of(way.features, samples);
        const auto width = static_cast<std::size_t>(whole.coefficients);
        const int hop = way.segments.hop_frames == 0 ? way.segments.frames : way.segments.hop_frames;
        for (const std::size_t piece : {997U, 16'384U, 230'000U}) {
            const auto cuts = cut(segmenter, samples, piece);
            std::size_t count = 0;
            for (;; ++count) {
                const auto frame = [&](int j) {
                    const double column = static_cast<double>(count) * hop + j + 0.5;
                    return static_cast<std::int64_t>(std::floor(column * way.segments.frame_step));
                };
                if (frame(way.segments.frames - 1) >= whole.frames) break;
                ASSERT_LT(count, cuts.size());
                const Cut& segment = cuts[count];
                for (int j = 0; j < way.segments.frames; ++j) {
                    ASSERT_TRUE(
                        std::ranges::equal(whole.frame(frame(j)), std::span(segment.values).subspan(j * width, width)))
                        << count << ' ' << j;
                }
                const auto first = static_cast<double>(frame(0)) * (framed ? way.features.hop_length : 1);
                EXPECT_NEAR(segment.start, count == 0 ? 0.0 : first / 16000.0, 1e-9);
                const double seconds = static_cast<double>(size) / 16000.0;
                EXPECT_NEAR(segment.end, std::min(segment.start + way.segments.seconds, seconds), 1e-9);
                EXPECT_FALSE(segment.silent);
            }
            EXPECT_EQ(cuts.size(), count) << size;
            EXPECT_EQ(segments_in(way.features, way.segments, static_cast<std::int64_t>(size)), std::ssize(cuts));
        }
    }
    EXPECT_NEAR(segment_distance(way.features, way.segments), static_cast<double>(way.distance) / 16000.0, 1e-9);
}

TEST_P(Sliding, ShortSignalsAreRepeated) {
    const Way& way = GetParam();
    const auto size_of_segment = static_cast<std::size_t>(std::llround(way.segments.seconds * 16000.0));
    for (const std::size_t size : {2048U, 1501U}) {
        if (size < static_cast<std::size_t>(frame_length(way.features)) || size >= size_of_segment) continue;
        const auto samples = testing::make_noise(size, 4);
        std::vector<float> repeated(size_of_segment);
        for (std::size_t n = 0; n < repeated.size(); ++n) repeated[n] = samples[n % size];
        const auto longer = features_of(way.features, repeated);
        Segmenter segmenter(way.features, way.segments);
        for (int time = 0; time < 2; ++time) {
            const auto cuts = cut(segmenter, samples, 500);
            ASSERT_EQ(cuts.size(), 1U) << size;
            EXPECT_EQ(cuts[0].start, 0.0);
            EXPECT_DOUBLE_EQ(cuts[0].end, static_cast<double>(size) / 16000.0);
            const auto width = static_cast<std::size_t>(longer.coefficients);
            for (int j = 0; j < way.segments.frames; ++j) {
                ASSERT_TRUE(std::ranges::equal(longer.frame(frame_index(way.segments, 0, j)),
                                               std::span(cuts[0].values).subspan(j * width, width)));
            }
        }
    }
}

TEST_P(Sliding, FindsNothingInLessThanAFrame) {
    const Way& way = GetParam();
    Segmenter segmenter(way.features, way.segments);
    EXPECT_TRUE(cut(segmenter, {}).empty());
    const auto samples = testing::make_noise(static_cast<std::size_t>(frame_length(way.features)));
    EXPECT_TRUE(cut(segmenter, std::span(samples).first(samples.size() - 1)).empty());
    EXPECT_TRUE(cut(segmenter, std::span(samples).first(1)).empty());
    EXPECT_EQ(cut(segmenter, samples).size(), 1U);
}

TEST_P(Sliding, SilenceIsToldToTheSample) {
    const Way& way = GetParam();
    const auto segment = static_cast<std::size_t>(std::llround(way.segments.seconds * 16000.0));
    const std::size_t third = 2 * static_cast<std::size_t>(way.distance);
    for (const std::size_t loud : {std::size_t{0}, third - 1, third, third + segment - 1, third + segment}) {
        std::vector<float> samples(230'000);
        samples[loud] = -1.0F / 32768.0F;
        samples[loud + 1] = 1.0F / 32769.0F;
        for (const std::size_t piece : {777U, 230'000U}) {
            Segmenter segmenter(way.features, way.segments);
            for (const Cut& cut : cut(segmenter, samples, piece)) {
                const auto start = static_cast<std::size_t>(std::llround(cut.start * 16000.0));
                const auto end = static_cast<std::size_t>(std::llround(cut.end * 16000.0));
                EXPECT_EQ(cut.silent, loud < start || loud >= end) << loud << " from " << start;
            }
        }
    }
}

TEST(Sliding, NumbersSegmentsAsMusicnnAndYamnetDo) {
    const auto all = ways();
    // musicnn: 187 frames of 256 samples, centred. 1 + samples / 256 frames.
    EXPECT_EQ(segments_in(all[0].features, all[0].segments, 186 * 256 - 1), 0);
    EXPECT_EQ(segments_in(all[0].features, all[0].segments, 186 * 256), 1);
    EXPECT_EQ(segments_in(all[0].features, all[0].segments, (2 * 187 - 1) * 256 - 1), 1);
    EXPECT_EQ(segments_in(all[0].features, all[0].segments, (2 * 187 - 1) * 256), 2);
    EXPECT_EQ(segments_in(all[0].features, all[0].segments, 30 * 16000), 10);
    EXPECT_EQ(segments_in(all[0].features, all[0].segments, std::int64_t{100'000} * 187 * 256), 100'000);
    // YAMNet: 15 600 samples, then 7680 a patch.
    EXPECT_EQ(segments_in(all[1].features, all[1].segments, 15'599), 0);
    EXPECT_EQ(segments_in(all[1].features, all[1].segments, 15'600), 1);
    EXPECT_EQ(segments_in(all[1].features, all[1].segments, 15'600 + 7679), 1);
    EXPECT_EQ(segments_in(all[1].features, all[1].segments, 15'600 + 7680), 2);
}

}  // namespace
}  // namespace earmark::features
