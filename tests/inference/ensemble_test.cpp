#include "model/ensemble.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "inference/plan/network.hpp"
#include "model/check_model.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::inference {
namespace {

using nlohmann::json;
using testing::contains;
using testing::error_of;
using testing::random_mfccs;
using testing::random_model;

Model trained(const char* network, const char* options, std::uint64_t seed, const json& training) {
    Model model = testing::random_model(network, options, 77, seed);
    model.provenance = json{{"training", training}}.dump();
    return model;
}

const json split = {{"kind", "k-fold"}, {"fold", 1}};

std::vector<Model> some_models() {
    return {trained("cnn", R"({"filters": 4})", 1, {{"tracks", {"a", "b"}}, {"split", split}, {"epochs", 3}}),
            trained("mlp", R"({"hidden": [8]})", 2, {{"tracks", {"b", "c"}}, {"split", split}}),
            trained("cnn", R"({"filters": 4})", 3, {{"tracks", {"a"}}, {"split", split}})};
}

std::vector<float> probabilities_of(const Model& model, std::span<const float> inputs) {
    Network network(model);
    std::vector<float> result(inputs.size() / (77 * 13) * model.labels.size());
    network.forward(inputs, result);
    return result;
}

TEST(Ensemble, HasTheMeanOfItsNetworksProbabilities) {
    const std::vector<Model> models = some_models();
    const Model ensemble = model::combine(models, "three");
    const std::vector<float> inputs = testing::random_mfccs(40, 77, 5);  // more than a batch
    const std::vector<float> together = probabilities_of(ensemble, inputs);
    std::vector<double> mean(together.size());
    for (const Model& model : models) {
        const std::vector<float> alone = probabilities_of(model, inputs);
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += static_cast<double>(alone[i]) / 3.0;
    }
    for (std::size_t i = 0; i < mean.size(); ++i) ASSERT_NEAR(together[i], mean[i], 1e-6) << i;
}

std::vector<float> embeddings_of(const Model& model, std::span<const float> inputs) {
    Network network(model);
    const std::size_t segments = inputs.size() / (77 * 13);
    std::vector<float> probabilities(segments * model.labels.size());
    std::vector<float> result(segments * static_cast<std::size_t>(network.embedding_size()));
    network.forward(inputs, probabilities, result);
    return result;
}

TEST(Ensemble, HasTheEmbeddingsOfItsNetworksSideBySide) {
    const std::vector<Model> models = some_models();
    const std::vector<float> inputs = testing::random_mfccs(40, 77, 5);  // more than a batch
    const std::vector<float> together = embeddings_of(model::combine(models, "three"), inputs);
    const std::size_t width = together.size() / 40;
    std::size_t column = 0;
    for (const Model& model : models) {
        const std::vector<float> alone = embeddings_of(model, inputs);
        const std::size_t part = alone.size() / 40;
        for (std::size_t i = 0; i < alone.size(); ++i) {
            ASSERT_NEAR(together[i / part * width + column + i % part], alone[i] / std::sqrt(3.0F), 1e-6) << i;
        }
        column += part;
    }
    EXPECT_EQ(column, width);
}

TEST(Ensemble, IsCooledAsAWhole) {
    Model ensemble = model::combine(some_models(), "three");
    const std::vector<float> inputs = testing::random_mfccs(3, 77, 6);
    const std::vector<float> before = probabilities_of(ensemble, inputs);
    ensemble.calibration.temperature = 0.5;
    const std::vector<float> after = probabilities_of(ensemble, inputs);
    for (std::size_t segment = 0; segment < 3; ++segment) {
        double sum = 0.0;
        for (std::size_t i = 0; i < 10; ++i) sum += std::pow(static_cast<double>(before[10 * segment + i]), 2.0);
        for (std::size_t i = 0; i < 10; ++i) {
            const double expected = std::pow(static_cast<double>(before[10 * segment + i]), 2.0) / sum;
            EXPECT_NEAR(after[10 * segment + i], expected, 1e-6);
        }
    }
}

TEST(Ensemble, GoesThroughAFileAndTakesMoreNetworksIn) {
    const testing::TemporaryFolder folder;
    const std::vector<Model> models = some_models();
    save_model(model::combine(std::span(models).first(2), "two"), folder.path() / "two.safetensors");
    const Model two = load_model(folder.path() / "two.safetensors");
    const Model three = model::combine(std::vector{two, models[2]}, "three");
    const Model at_once = model::combine(models, "three");
    EXPECT_EQ(json::parse(three.network.options), json::parse(at_once.network.options));
    ASSERT_EQ(three.tensors.size(), at_once.tensors.size());
    for (const auto& [name, tensor] : at_once.tensors) EXPECT_EQ(three.tensors.at(name).values, tensor.values) << name;
    std::int64_t parameters = 0;
    for (const Model& model : models) parameters += model::trainable_parameters(model, "m");
    EXPECT_EQ(model::trainable_parameters(three, "three"), parameters);
}

TEST(Ensemble, RemembersWhatAnyOfItsNetworksLearnedFrom) {
    std::vector<Model> models = some_models();
    json training = json::parse(model::combine(models, "three").provenance)["training"];
    EXPECT_EQ(training["tracks"], (json{"a", "b", "c"}));
    EXPECT_EQ(training["split"], split);
    ASSERT_EQ(training["networks"].size(), 3U);
    EXPECT_EQ(training["networks"][0]["epochs"], 3);
    EXPECT_FALSE(training["networks"][0].contains("tracks"));
    EXPECT_FALSE(training.contains("pretraining_tracks"));

    models[0] = trained("mlp", "{}", 2, {{"tracks", {"b"}}, {"pretraining_tracks", {"d", "e"}}});
    models[2] = trained("mlp", "{}", 2, {{"tracks", {"b"}}, {"pretraining_tracks", {"f", "e"}}});
    training = json::parse(model::combine(models, "three").provenance)["training"];
    EXPECT_EQ(training["pretraining_tracks"], (json{"d", "e", "f"}));
    EXPECT_FALSE(training["networks"][0].contains("pretraining_tracks"));

    models = some_models();
    models[1] = trained("mlp", "{}", 2, {{"tracks", {"b"}}, {"split", {{"kind", "k-fold"}, {"fold", 2}}}});
    models[2] = trained("mlp", "{}", 2, json::object());
    training = json::parse(model::combine(models, "three").provenance)["training"];
    EXPECT_FALSE(training.contains("split")) << "they have none in common";
    EXPECT_FALSE(training.contains("tracks")) << "one does not say what it learned from";
}

TEST(Ensemble, RefusesNetworksThatDoNotFitTogether) {
    const auto error = [](auto change) {
        std::vector<Model> models = some_models();
        models[1].name = "second";
        change(models[1]);
        return error_of([&] { model::combine(models, "x"); });
    };
    EXPECT_TRUE(testing::contains(error([](Model& m) { m.labels[0] = "x"; }), "bad_option: second: has other genres"));
    EXPECT_TRUE(testing::contains(error([](Model& m) { m.segments.seconds = 3.0; }), "second: has other segments"));
    EXPECT_TRUE(testing::contains(error([](Model& m) { m.features.hop_length = 256; }), "second: has other features"));
    EXPECT_TRUE(testing::contains(error([](Model& m) { m.licence = "X"; }), "licence"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { model::combine(std::vector{some_models()[0]}, "x"); }),
                                  "two networks or more"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { model::combine({}, "x"); }), "bad_option"));
}

TEST(Ensemble, RefusesOptionsThatAreNoListOfNetworks) {
    const Model sound = model::combine(some_models(), "x");
    const auto error = [&](const json& options) {
        Model model = sound;
        model.network.options = options.dump();
        return testing::error_of([&] { model::check_model(model, "m.safetensors"); });
    };
    EXPECT_NO_THROW(model::check_model(sound, "m.safetensors"));
    EXPECT_TRUE(testing::contains(error(json::object()), "corrupt: m.safetensors"));
    EXPECT_TRUE(testing::contains(error({{"networks", json::array()}}), "corrupt: m.safetensors"));
    EXPECT_TRUE(testing::contains(error({{"networks", {3}}}), "network 1 of the ensemble"));
    const json inner = {{"network", "ensemble"}, {"network_options", json::object()}};
    EXPECT_TRUE(testing::contains(error({{"networks", {inner}}}), "network 1 of the ensemble"));
    json fewer = json::parse(sound.network.options);
    fewer["networks"].erase(2);
    EXPECT_TRUE(testing::contains(error(fewer), "tensors where its network"));
    Model missing = sound;
    missing.tensors.erase("network2.dense1.bias");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { model::check_model(missing, "m"); }),
                                  "tensor \"network2.dense1.bias\" is missing"));
}

}  // namespace
}  // namespace earmark::inference
