// What ships must do what its card says.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "earmark/classifier.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;

const fs::path model_file = fs::path(EARMARK_SOURCE_DIR) / "models/default.safetensors";

TEST(ShippedModel, IsSmallAndSaysWhereItCameFrom) {
    EXPECT_LT(fs::file_size(model_file), 5'000'000U);
    const Model model = load_model(model_file);
    EXPECT_EQ(model.labels, (std::vector<std::string>{"blues", "classical", "country", "disco", "hiphop", "jazz",
                                                      "metal", "pop", "reggae", "rock"}));
    EXPECT_FALSE(model.licence.empty());
    const auto provenance = nlohmann::json::parse(model.provenance);
    EXPECT_TRUE(provenance["training"].contains("data_fingerprint"));
    EXPECT_FALSE(provenance["training"]["tracks"].empty());
}

TEST(ShippedModel, DoubtsSilence) {
    const Classifier classifier(model_file);
    const Verdict verdict = classifier.classify(std::vector<float>(22050 * 12, 0.0F));
    for (float probability : verdict.probabilities) EXPECT_NEAR(probability, 0.1F, 1e-6);
}

TEST(ShippedModel, DoubtsNoise) {
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
            const Verdict verdict = classifier.classify(noise);
            EXPECT_LT(verdict.probabilities[verdict.best()], 0.5F)
                << classifier.labels()[verdict.best()] << " at " << level;
        }
    }
}

}  // namespace
}  // namespace earmark
