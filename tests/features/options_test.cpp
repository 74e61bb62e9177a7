#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "earmark/error.hpp"
#include "earmark/features.hpp"
#include "earmark/segments.hpp"

namespace earmark::features {
namespace {

void expect_bad_option(const std::function<void()>& action, const std::string& mentions) {
    try {
        action();
        ADD_FAILURE() << "accepted, where the message should mention " << mentions;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_option);
        EXPECT_NE(std::string(error.what()).find(mentions), std::string::npos) << error.what();
    }
}

TEST(FeatureNames, GoThereAndBack) {
    for (const FeatureKind kind :
         {FeatureKind::waveform, FeatureKind::spectrogram, FeatureKind::mel, FeatureKind::logmel, FeatureKind::mfcc}) {
        EXPECT_EQ(feature_kind(to_string(kind)), kind);
    }
    for (const Padding value : {Padding::zero, Padding::reflect}) EXPECT_EQ(padding(to_string(value)), value);
    EXPECT_EQ(to_string(FeatureKind::logmel), "logmel");
    expect_bad_option([] { feature_kind("MFCC"); }, "waveform, spectrogram, mel, logmel, mfcc");
    expect_bad_option([] { padding("constant"); }, "zero, reflect");
}

TEST(FeatureOptions, CountFramesAndCoefficients) {
    FeatureOptions options;
    EXPECT_EQ(coefficient_count(options), 13);
    EXPECT_EQ(frame_count(options, 0), 0);
    EXPECT_EQ(frame_count(options, 1), 1);
    EXPECT_EQ(frame_count(options, 511), 1);
    EXPECT_EQ(frame_count(options, 512), 2);
    EXPECT_EQ(frame_count(options, 661'794), 1293);
    options.kind = FeatureKind::spectrogram;
    EXPECT_EQ(coefficient_count(options), 1025);
    options.kind = FeatureKind::logmel;
    EXPECT_EQ(coefficient_count(options), 128);
    options.kind = FeatureKind::waveform;
    EXPECT_EQ(coefficient_count(options), 1);
    EXPECT_EQ(frame_count(options, 700), 700);
}

TEST(FeatureOptions, OutsideTheirRangesAreRefused) {
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto refused = [](const std::string& mentions, auto change) {
        FeatureOptions options;
        change(options);
        expect_bad_option([&] { validate(options); }, mentions);
        expect_bad_option([&] { FeatureExtractor extractor(options); }, mentions);
        expect_bad_option([&] { FeatureStream stream(options); }, mentions);
    };
    EXPECT_NO_THROW(validate(FeatureOptions{}));
    refused("kind", [](auto& o) { o.kind = static_cast<FeatureKind>(99); });
    refused("padding", [](auto& o) { o.padding = static_cast<Padding>(99); });
    refused("sample_rate", [](auto& o) { o.sample_rate = 0; });
    refused("sample_rate", [](auto& o) { o.sample_rate = std::numeric_limits<int>::max(); });
    refused("fft_size", [](auto& o) { o.fft_size = 14; });
    refused("even", [](auto& o) { o.fft_size = 2047; });
    refused("fft_size", [](auto& o) { o.fft_size = 1 << 30; });
    refused("hop_length", [](auto& o) { o.hop_length = 0; });
    refused("mel_bands", [](auto& o) { o.mel_bands = 0; });
    refused("mel_bands", [](auto& o) { o.mel_bands = 1 << 20; });
    refused("coefficients", [](auto& o) { o.coefficients = 129; });
    refused("coefficients", [](auto& o) { o.coefficients = 0; });
    refused("Hz", [](auto& o) { o.minimum_frequency = -1.0; });
    refused("Hz", [](auto& o) { o.minimum_frequency = nan; });
    refused("Hz", [](auto& o) { o.minimum_frequency = 11025.0; });
    refused("Hz", [](auto& o) { o.maximum_frequency = 11026.0; });
    refused("Hz", [](auto& o) { o.maximum_frequency = -5.0; });
    refused("Hz", [](auto& o) { o.maximum_frequency = nan; });
    refused("reference", [](auto& o) { o.reference = 0.0; });
    refused("reference", [](auto& o) { o.reference = infinity; });
    refused("amin", [](auto& o) { o.amin = 0.0; });
    refused("amin", [](auto& o) { o.amin = 1e-60; });
    refused("amin", [](auto& o) { o.amin = nan; });
    refused("top_db", [](auto& o) { o.top_db = -1.0; });
    refused("top_db", [](auto& o) { o.top_db = nan; });
}

TEST(SegmentOptions, OutsideTheirRangesAreRefused) {
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto refused = [](const std::string& mentions, auto change) {
        SegmentOptions segments;
        FeatureOptions features;
        change(segments, features);
        expect_bad_option([&] { validate(segments, features); }, mentions);
        expect_bad_option([&] { Segmenter segmenter(features, segments); }, mentions);
    };
    EXPECT_NO_THROW(validate(SegmentOptions{}, FeatureOptions{}));
    EXPECT_NO_THROW(validate(SegmentOptions{6.0, 5, 77, 2586.0 / 775.0}, FeatureOptions{}));
    refused("0 s", [](auto& s, auto&) { s.seconds = 0.0; });
    refused("nan", [](auto& s, auto&) { s.seconds = nan; });
    refused("longer than", [](auto& s, auto&) { s.seconds = 1e9; });
    refused("longer than", [](auto& s, auto&) { s.seconds = std::numeric_limits<double>::infinity(); });
    refused("segments_per_block", [](auto& s, auto&) { s.segments_per_block = 0; });
    refused("frames", [](auto& s, auto&) { s.frames = 0; });
    refused("frame_step", [](auto& s, auto&) { s.frame_step = 0.5; });
    refused("frame_step", [](auto& s, auto&) { s.frame_step = nan; });
    refused("do not fit", [](auto& s, auto&) { s.frames = 260; });
    refused("do not fit", [](auto& s, auto&) { s.frame_step = 1.01; });
    // Five segments of 259 frames are three frames more than 30 s have.
    refused("do not fit", [](auto& s, auto&) { s.segments_per_block = 5; });
    refused("do not fit", [](auto& s, auto&) { s.frames = std::numeric_limits<int>::max(); });
    refused("do not fit", [](auto& s, auto& f) {
        s.seconds = 0.02;
        s.frames = 1;
        f.padding = Padding::reflect;
    });
    refused("fft_size", [](auto&, auto& f) { f.fft_size = 3; });
}

}  // namespace
}  // namespace earmark::features
