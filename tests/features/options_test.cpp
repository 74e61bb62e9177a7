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
    for (const SpectrumScale value : {SpectrumScale::power, SpectrumScale::magnitude}) {
        EXPECT_EQ(spectrum_scale(to_string(value)), value);
    }
    for (const MelScale value : {MelScale::slaney, MelScale::htk}) EXPECT_EQ(mel_scale(to_string(value)), value);
    for (const MelNorm value : {MelNorm::area, MelNorm::none, MelNorm::peak}) {
        EXPECT_EQ(mel_norm(to_string(value)), value);
    }
    for (const Compression value : {Compression::decibels, Compression::log10_1p, Compression::ln_offset}) {
        EXPECT_EQ(compression(to_string(value)), value);
    }
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

TEST(FeatureOptions, CountFramesThatAreNotCentred) {
    FeatureOptions options;
    options.fft_size = 512;
    options.window_length = 400;
    options.hop_length = 160;
    EXPECT_EQ(frame_length(options), 400);
    EXPECT_EQ(frame_count(options, 15'600), 98);
    options.centred = false;
    EXPECT_EQ(frame_count(options, 399), 0);
    EXPECT_EQ(frame_count(options, 400), 1);
    EXPECT_EQ(frame_count(options, 15'599), 95);
    EXPECT_EQ(frame_count(options, 15'600), 96);
    FeatureMatrix matrix;
    FeatureExtractor(options).compute(std::vector<float>(399), matrix);
    EXPECT_EQ(matrix.frames, 0);
    EXPECT_TRUE(matrix.values.empty());
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
    refused("spectrum", [](auto& o) { o.spectrum = static_cast<SpectrumScale>(99); });
    refused("mel scale", [](auto& o) { o.mel_scale = static_cast<MelScale>(99); });
    refused("norm", [](auto& o) { o.mel_norm = static_cast<MelNorm>(99); });
    refused("compression", [](auto& o) { o.compression = static_cast<Compression>(99); });
    refused("compression_constant", [](auto& o) { o.compression_constant = 0.0; });
    refused("compression_constant", [](auto& o) { o.compression_constant = 1e-60; });
    refused("compression_constant", [](auto& o) { o.compression_constant = infinity; });
    refused("window_length", [](auto& o) { o.window_length = 2050; });
    refused("window_length", [](auto& o) { o.window_length = 14; });
    refused("window_length", [](auto& o) { o.window_length = -400; });
    refused("even", [](auto& o) { o.window_length = 401; });
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
    refused("segments_per_block", [](auto& s, auto&) { s.segments_per_block = -1; });
    refused("top_db", [](auto& s, auto&) { s.segments_per_block = 0; });
    const auto whole = [&](const std::string& mentions, auto change) {
        refused(mentions, [&](auto& s, auto& f) {
            f.top_db.reset();
            s.segments_per_block = 0;
            EXPECT_NO_THROW(validate(s, f));
            change(s, f);
        });
    };
    refused("follow one another", [](auto& s, auto&) { s.hop_frames = 100; });
    whole("hop_frames", [](auto& s, auto&) { s.hop_frames = -1; });
    whole("hop_frames", [](auto& s, auto&) { s.hop_frames = std::numeric_limits<int>::max(); });
    whole("longer than", [](auto& s, auto&) { s.seconds = 1e9; });
    whole("do not fit", [](auto& s, auto&) { s.frames = 260; });
    // YAMNet's patch of 96 frames that are not centred takes 15 600 samples.
    whole("do not fit", [](auto& s, auto& f) {
        f.sample_rate = 16000;
        f.fft_size = 512;
        f.window_length = 400;
        f.hop_length = 160;
        f.centred = false;
        s = {15'600.0 / 16000.0, 0, 96, 1.0, 48};
        EXPECT_NO_THROW(validate(s, f));
        s.seconds = 15'599.0 / 16000.0;
    });
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
