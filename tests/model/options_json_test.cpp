#include "model/options_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "earmark/error.hpp"

namespace earmark::model {
namespace {

FeatureOptions yamnet() {
    FeatureOptions options;
    options.kind = FeatureKind::logmel;
    options.sample_rate = 16000;
    options.fft_size = 512;
    options.hop_length = 160;
    options.mel_bands = 64;
    options.spectrum = SpectrumScale::magnitude;
    options.mel_scale = MelScale::htk;
    options.mel_norm = MelNorm::peak;
    options.compression = Compression::ln_offset;
    options.compression_constant = 0.001;
    options.window_length = 400;
    options.centred = false;
    return options;
}

TEST(OptionsJson, GoThereAndBack) {
    FeatureOptions other = yamnet();
    other.mel_norm = MelNorm::none;
    other.compression = Compression::log10_1p;
    other.top_db.reset();
    for (const FeatureOptions& options : {FeatureOptions{}, yamnet(), other}) {
        EXPECT_EQ(feature_options(to_json(options), "test"), options);
    }
    for (const SegmentOptions& options : {SegmentOptions{}, SegmentOptions{0.975, 0, 96, 1.0, 48}}) {
        EXPECT_EQ(segment_options(to_json(options), "test"), options);
    }
}

TEST(OptionsJson, OlderFilesStayAsTheyAre) {
    EXPECT_EQ(to_json(FeatureOptions{}).size(), 12U);
    EXPECT_EQ(to_json(yamnet()).size(), 19U);
    EXPECT_EQ(to_json(SegmentOptions{}).size(), 4U);
    EXPECT_EQ(to_json(SegmentOptions{0.975, 0, 96, 1.0, 48}).size(), 5U);
}

TEST(OptionsJson, RefuseWhatIsNone) {
    const auto refused = [](const char* key, const nlohmann::json& value) {
        nlohmann::json object = to_json(yamnet());
        object[key] = value;
        EXPECT_THROW(feature_options(object, "test"), Error) << key << ' ' << value;
    };
    for (const char* key : {"spectrum", "mel_scale", "mel_norm", "compression"}) {
        refused(key, "loud");
        refused(key, 1);
    }
    refused("compression_constant", 0.0);
    refused("compression_constant", -1.0);
    refused("compression_constant", "much");
    refused("window_length", 514);
    refused("window_length", 399);
    refused("window_length", -400);
    refused("centred", "yes");
    refused("center", true);
    nlohmann::json object = to_json(SegmentOptions{});
    object["hop_frames"] = "many";
    EXPECT_THROW(segment_options(object, "test"), Error);
}

}  // namespace
}  // namespace earmark::model
