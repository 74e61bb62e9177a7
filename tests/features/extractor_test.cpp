// FeatureExtractor and FeatureStream: shapes, one pass and two, pieces of any size, extreme input.
#include <gtest/gtest.h>

#include <cmath>

#include "earmark/error.hpp"
#include "earmark/features.hpp"
#include "features/reference.hpp"

namespace earmark::features {
namespace {

constexpr FeatureKind all_kinds[] = {FeatureKind::waveform, FeatureKind::spectrogram, FeatureKind::mel,
                                     FeatureKind::logmel, FeatureKind::mfcc};

struct Collector {
    Sink<std::span<const float>> sink() {
        return [this](std::span<const float> values) {
            all.insert(all.end(), values.begin(), values.end());
            ++frames;
        };
    }
    std::vector<float> all;
    std::int64_t frames = 0;
};

void feed(FeatureStream& stream, std::span<const float> samples, std::size_t piece, Collector& collector) {
    for (; !samples.empty(); samples = samples.subspan(std::min(piece, samples.size()))) {
        stream.push(samples.first(std::min(piece, samples.size())), collector.sink());
    }
    stream.finish(collector.sink());
}

// Loud, then quiet, so that the floor of top_db cuts something off.
std::vector<float> fading_noise(std::size_t samples) {
    auto noise = testing::make_noise(samples);
    for (std::size_t n = 0; n < samples; ++n) {
        noise[n] *= static_cast<float>(std::exp(-14.0 * static_cast<double>(n) / static_cast<double>(samples)));
    }
    return noise;
}

TEST(FeatureExtractor, HasTheShapesThatItsOptionsSay) {
    for (const std::size_t size : {1U, 511U, 512U, 2048U, 10'000U}) {
        const auto samples = testing::make_noise(size);
        for (const FeatureKind kind : all_kinds) {
            FeatureOptions options;
            options.kind = kind;
            FeatureMatrix matrix;
            FeatureExtractor(options).compute(samples, matrix);
            EXPECT_EQ(matrix.frames, frame_count(options, static_cast<std::int64_t>(size)));
            EXPECT_EQ(matrix.coefficients, coefficient_count(options));
            EXPECT_EQ(matrix.values.size(), static_cast<std::size_t>(matrix.frames * matrix.coefficients));
        }
    }
}

TEST(FeatureExtractor, HandsTheWaveformThroughUntouched) {
    FeatureOptions options;
    options.kind = FeatureKind::waveform;
    const auto samples = testing::make_noise(1000);
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(samples, matrix);
    EXPECT_EQ(matrix.values, samples);
}

TEST(FeatureExtractor, FindsNothingInAnEmptySignal) {
    for (const FeatureKind kind : all_kinds) {
        FeatureOptions options;
        options.kind = kind;
        options.padding = Padding::reflect;
        FeatureMatrix matrix{3, 3, std::vector<float>(9)};
        FeatureExtractor(options).compute({}, matrix);
        EXPECT_EQ(matrix.frames, 0);
        EXPECT_TRUE(matrix.values.empty());
    }
}

TEST(FeatureExtractor, ForgetsEarlierSignals) {
    const auto loud = testing::make_noise(30'000);
    auto quiet = testing::make_noise(9'000, 5);
    for (float& sample : quiet) sample *= 1e-4F;
    for (const Padding padding : {Padding::zero, Padding::reflect}) {
        FeatureOptions options;
        options.padding = padding;
        FeatureExtractor extractor(options);
        FeatureMatrix fresh;
        extractor.compute(quiet, fresh);
        FeatureMatrix used;
        extractor.compute(loud, used);
        options.fft_size = 2048;
        try {
            extractor.compute(std::span(loud).first(10), used);
        } catch (const Error&) {
            EXPECT_EQ(padding, Padding::reflect);
        }
        extractor.compute(quiet, used);
        EXPECT_EQ(used.frames, fresh.frames);
        EXPECT_EQ(used.values, fresh.values);
    }
}

TEST(FeatureExtractor, RefusesToReflectTooShortSignals) {
    FeatureOptions options;
    options.padding = Padding::reflect;
    FeatureExtractor extractor(options);
    const auto samples = testing::make_noise(1025);
    FeatureMatrix matrix;
    try {
        extractor.compute(std::span(samples).first(1024), matrix);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::too_short);
    }
    extractor.compute(samples, matrix);
    EXPECT_EQ(matrix.frames, 3);
}

TEST(FeatureExtractor, IsFiniteForSilenceAndForHugeSamples) {
    auto huge = testing::make_noise(20'000);
    for (float& sample : huge) sample *= 1e6F;
    const std::vector<float> silence(20'000);
    for (const FeatureKind kind : all_kinds) {
        FeatureOptions options;
        options.kind = kind;
        FeatureExtractor extractor(options);
        for (const auto& samples : {silence, huge}) {
            FeatureMatrix matrix;
            extractor.compute(samples, matrix);
            for (const float value : matrix.values) ASSERT_TRUE(std::isfinite(value)) << to_string(kind);
        }
    }
}

TEST(FeatureExtractor, AnalyzesSilenceAsAmin) {
    FeatureOptions options;
    options.kind = FeatureKind::logmel;
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(std::vector<float>(5000), matrix);
    for (const float value : matrix.values) ASSERT_FLOAT_EQ(value, -100.0F);
}

TEST(FeatureExtractor, KeepsTopDbUnderTheMaximumOfTheSignal) {
    FeatureOptions options;
    options.kind = FeatureKind::logmel;
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(fading_noise(60'000), matrix);
    const auto [least, greatest] = std::minmax_element(matrix.values.begin(), matrix.values.end());
    EXPECT_NEAR(*greatest - *least, 80.0F, 1e-4F);
    options.top_db.reset();
    FeatureExtractor(options).compute(fading_noise(60'000), matrix);
    EXPECT_LT(*std::min_element(matrix.values.begin(), matrix.values.end()), -90.0F);
}

TEST(FeatureStream, InTwoPassesEqualsTheExtractorToTheLastBit) {
    const auto samples = fading_noise(70'001);
    for (const FeatureKind kind : all_kinds) {
        for (const Padding padding : {Padding::zero, Padding::reflect}) {
            FeatureOptions options;
            options.kind = kind;
            options.padding = padding;
            FeatureMatrix whole;
            FeatureExtractor(options).compute(samples, whole);
            for (const std::size_t piece : {1U, 1001U, 4096U, 70'001U}) {
                FeatureOptions first_options = options;
                if (kind == FeatureKind::logmel || kind == FeatureKind::mfcc) first_options.kind = FeatureKind::mel;
                FeatureStream first(first_options);
                Collector ignored;
                feed(first, samples, piece, ignored);

                FeatureStream second(options, first.maximum_power());
                Collector collected;
                feed(second, samples, piece, collected);
                EXPECT_EQ(collected.frames, whole.frames);
                EXPECT_EQ(second.maximum_power(), first.maximum_power());
                ASSERT_EQ(collected.all, whole.values) << to_string(kind) << " in pieces of " << piece;
            }
        }
    }
}

TEST(FeatureStream, WithoutTopDbNeedsOnePass) {
    const auto samples = fading_noise(40'000);
    FeatureOptions options;
    options.top_db.reset();
    FeatureMatrix whole;
    FeatureExtractor(options).compute(samples, whole);
    FeatureStream stream(options);
    Collector collected;
    feed(stream, samples, 333, collected);
    EXPECT_EQ(collected.all, whole.values);
}

TEST(FeatureStream, BeginsAnewAfterItsEnd) {
    const auto samples = fading_noise(30'000);
    FeatureStream stream(FeatureOptions{}, 1.0F);
    Collector first;
    feed(stream, samples, 1000, first);
    const float maximum = stream.maximum_power();
    EXPECT_GT(maximum, 0.0F);
    Collector second;
    feed(stream, samples, 77, second);
    EXPECT_EQ(first.all, second.all);
    EXPECT_EQ(stream.maximum_power(), maximum);
    Collector empty;
    stream.finish(empty.sink());
    EXPECT_EQ(empty.frames, 0);
    EXPECT_EQ(stream.maximum_power(), 0.0F);
}

TEST(FeatureStream, RefusesToReflectTooShortSignals) {
    FeatureOptions options;
    options.padding = Padding::reflect;
    FeatureStream stream(options);
    Collector collected;
    stream.push(testing::make_noise(1024), collected.sink());
    EXPECT_THROW(stream.finish(collected.sink()), Error);
    EXPECT_EQ(collected.frames, 0);
}

}  // namespace
}  // namespace earmark::features
