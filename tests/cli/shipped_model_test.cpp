// Shipped models do what models/README.md says of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "earmark/classifier.hpp"
#include "files/atomic_file.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;

/// One of the models that `--model` knows by name.
class ShippedModel : public ::testing::TestWithParam<const char*> {
  protected:
    fs::path model_file = model_path(GetParam());
};

/// Models that are uncertain about noise, as models/README.md says.
class NoiseModel : public ShippedModel {};

std::string name_of(const ::testing::TestParamInfo<const char*>& model) {
    std::string name = model.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedModel, ::testing::Values("default", "mfcc-mlp", "mfcc-cnn", "mfcc-lstm"), name_of);
INSTANTIATE_TEST_SUITE_P(All, NoiseModel, ::testing::Values("default", "mfcc-cnn"), name_of);

TEST(ShippedModels, AreAllTested) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(fs::path(EARMARK_SOURCE_DIR) / "models")) {
        if (entry.path().extension() == ".safetensors") names.insert(entry.path().stem());
    }
    EXPECT_EQ(names, (std::set<std::string>{"choi-cnn", "choi-crnn", "default", "mfcc-cnn", "mfcc-lstm", "mfcc-mlp",
                                            "msd-musicnn", "mtt-musicnn", "yamnet"}));
}

/// A model that others trained: how many labels it has, under which licence.
struct Tagger {
    const char* name;
    std::size_t labels;
    const char* licence;
    const char* text;  // of its licence
};

class ShippedTagger : public ::testing::TestWithParam<Tagger> {};

INSTANTIATE_TEST_SUITE_P(All, ShippedTagger,
                         ::testing::Values(Tagger{"msd-musicnn", 50, "ISC", "Universitat Pompeu Fabra"},
                                           Tagger{"mtt-musicnn", 50, "ISC", "Universitat Pompeu Fabra"},
                                           Tagger{"yamnet", 521, "Apache-2.0", "TERMS AND CONDITIONS FOR USE"},
                                           Tagger{"choi-cnn", 50, "MIT", "Keunwoo Choi"},
                                           Tagger{"choi-crnn", 50, "MIT", "Keunwoo Choi"}),
                         [](const auto& tagger) {
                             std::string name = tagger.param.name;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST_P(ShippedTagger, IsSmallAndSaysWhoseItIs) {
    const Tagger expected = GetParam();
    const fs::path file = model_path(expected.name);
    EXPECT_LT(fs::file_size(file), 5'000'000U);
    const Model model = load_model(file);
    EXPECT_EQ(model.activation, Activation::sigmoid);
    EXPECT_EQ(model.labels.size(), expected.labels);
    EXPECT_EQ(model.label_details.size(), expected.labels);
    EXPECT_EQ(model.licence, expected.licence);
    EXPECT_NE(model.licence_text.find(expected.text), std::string::npos);
    EXPECT_FALSE(model.authors.empty());
    const auto provenance = nlohmann::json::parse(model.provenance);
    EXPECT_FALSE(provenance["training"]["source"].get<std::string>().empty());
    EXPECT_FALSE(provenance["training"]["data"].get<std::string>().empty());
    EXPECT_FALSE(provenance["evaluation"]["protocol"].get<std::string>().empty());
}

TEST_P(ShippedTagger, HasAThresholdForEachLabel) {
    const Model model = load_model(model_path(GetParam().name));
    for (std::size_t label = 0; label < model.label_details.size(); ++label) {
        const LabelDetails& details = model.label_details[label];
        ASSERT_TRUE(details.threshold) << model.labels[label];
        EXPECT_GE(details.precise_threshold.value_or(1.0), *details.threshold) << model.labels[label];
    }
}

TEST_P(ShippedModel, IsSmallAndHasProvenance) {
    EXPECT_EQ(files::read_file(model_file),
              files::read_file(fs::path(EARMARK_SOURCE_DIR) / "models" / model_file.filename()));
    EXPECT_LT(fs::file_size(model_file), 5'000'000U);
    const Model model = load_model(model_file);
    EXPECT_EQ(model.labels, (std::vector<std::string>{"blues", "classical", "country", "disco", "hiphop", "jazz",
                                                      "metal", "pop", "reggae", "rock"}));
    EXPECT_FALSE(model.licence.empty());
    const auto provenance = nlohmann::json::parse(model.provenance);
    EXPECT_TRUE(provenance["training"].contains("data_fingerprint"));
    EXPECT_FALSE(provenance["training"]["tracks"].empty());
}

TEST_P(ShippedModel, IsCalibratedWithAThreshold) {
    const Model model = load_model(model_file);
    EXPECT_NE(model.calibration.temperature, 1.0);
    ASSERT_TRUE(model.calibration.threshold);
    EXPECT_GT(*model.calibration.threshold, 0.1);
    EXPECT_LT(*model.calibration.threshold, 1.0);
    const auto fit = nlohmann::json::parse(model.calibration.fit);
    EXPECT_GE(fit["named_accuracy"], 0.85);
}

TEST_P(ShippedModel, GivesSilenceEqualProbabilities) {
    const Classifier classifier(model_file);
    const Prediction prediction = classifier.classify(std::vector<float>(22050 * 12, 0.0F));
    for (float probability : prediction.probabilities) EXPECT_NEAR(probability, 0.1F, 1e-6);
}

TEST_P(NoiseModel, IsUncertainAboutNoise) {
    const Classifier classifier(model_file);
    std::mt19937 random(7);
    const auto uniform = [&] { return static_cast<float>(random()) / 2147483648.0F - 1.0F; };
    for (float level : {1.0F, 0.1F, 0.001F}) {
        std::vector<float> white(22050 * 30);
        std::vector<float> brown(22050 * 30);
        float state = 0.0F;
        for (std::size_t i = 0; i < white.size(); ++i) {
            white[i] = level * uniform();
            brown[i] = level * 0.05F * (state = 0.995F * state + uniform());
        }
        for (const auto& noise : {white, brown}) {
            const Prediction prediction = classifier.classify(noise);
            EXPECT_LT(prediction.probabilities[prediction.best()], 0.5F)
                << classifier.labels()[prediction.best()] << " at " << level;
        }
    }
}

}  // namespace
}  // namespace earmark
