#include "inference/plan/plan.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "inference/plan/plan_builder.hpp"
#include "model/network_spec.hpp"

namespace earmark::inference {
namespace {

struct Case {
    const char* network;
    const char* options;
};

const Case cases[] = {{"mlp", "{}"},
                      {"cnn", "{}"},
                      {"lstm", "{}"},
                      {"vgg", R"({"filters": [24, 40], "pooling": "attention"})"},
                      {"vgg", R"({"filters": [32, 16], "halve_bands": true, "pooling": "statistics"})"},
                      {"resnet", R"({"filters": [24, 40], "squeeze": 8})"},
                      {"resnet", R"({"filters": [16, 24], "blocks": 2, "centre": "segment"})"},
                      {"crnn", "{}"},
                      {"summary", "{}"},
                      {"musicnn", R"({"timbral_filters": 20})"},
                      {"mobilenet", R"({"filters": [40, 64], "strides": [1, 2]})"},
                      {"choi-crnn", R"({"pools": [[2, 2], [3, 3], [2, 1], [2, 1]], "filters": [16, 20, 24, 12]})"}};
constexpr std::int64_t frames = 77;
constexpr std::int64_t coefficients = 13;

/// A network with weights from a seed, and inputs.
class Fixture {
  public:
    explicit Fixture(const Case& of)
        : layers(model::NetworkSpec::parse({of.network, of.options}, "test")
                     .build_layers(frames, coefficients, 10, "test")) {
        std::mt19937 random(2);
        std::uniform_real_distribution<float> uniform(-0.2F, 0.2F);
        for (const model::Layer& layer : layers) {
            for (const model::TensorSpec& spec : model::tensor_specs(layer)) {
                std::vector<float>& all = tensors[spec.name];
                all.resize(static_cast<std::size_t>(model::element_count(spec.shape)));
                for (float& value : all) value = uniform(random);
                if (spec.name.ends_with("variance")) {
                    for (float& value : all) value = value * value + 0.5F;
                }
            }
        }
    }

    Plan plan(std::int64_t batch, PlanOptions options) {
        const auto values = [this](const std::string& name) { return tensors.at(name).data(); };
        return PlanBuilder(layers, batch, {values, {}}, std::move(options)).build();
    }

    static std::vector<float> run(Plan& plan) {
        std::mt19937 random(3);
        std::normal_distribution<float> normal;
        float* const input = plan.input();
        for (std::int64_t i = 0; i < plan.batch() * frames * coefficients; ++i) input[i] = normal(random);
        plan.forward();
        return {plan.output(), plan.output() + plan.batch() * plan.classes()};
    }

    std::vector<model::Layer> layers;
    std::map<std::string, std::vector<float>> tensors;
};

TEST(Plan, DoesNotDependOnWhatItsWorkspaceHeld) {
    const onednn::Threads single(1);
    for (const Case& of : cases) {
        for (const PlanMode mode : {PlanMode::inference, PlanMode::evaluation}) {
            Fixture fixture(of);
            const auto workspace = std::make_shared<Workspace>();
            Plan plan = fixture.plan(3, {.mode = mode, .workspace = workspace});
            const std::vector<float> clean = Fixture::run(plan);
            std::memset(workspace->data(), 0xFF, workspace->size());  // not a number, all over
            EXPECT_EQ(Fixture::run(plan), clean) << of.network << " " << of.options;
        }
    }
}

TEST(Plan, SharesItsWorkspaceAndWeightsWithThoseOfOtherBatches) {
    const onednn::Threads single(1);
    for (const Case& of : cases) {
        Fixture fixture(of);
        Plan alone = fixture.plan(2, {});
        const std::vector<float> expected = Fixture::run(alone);
        const auto workspace = std::make_shared<Workspace>();
        const auto prepared = std::make_shared<PreparedWeights>();
        Plan small = fixture.plan(2, {.workspace = workspace, .prepared = prepared});
        EXPECT_EQ(Fixture::run(small), expected) << of.network;
        const std::size_t before = workspace->size();
        Plan large = fixture.plan(9, {.workspace = workspace, .prepared = prepared});
        const std::vector<float> nine = Fixture::run(large);
        EXPECT_GT(workspace->size(), before) << of.network;
        EXPECT_EQ(Fixture::run(small), expected) << of.network << ", after the workspace moved";
        EXPECT_EQ(Fixture::run(large), nine) << of.network;
    }
}

TEST(Plan, GivesEachSegmentTheSameInAnyBatch) {
    const onednn::Threads single(1);
    for (const Case& of : cases) {
        Fixture fixture(of);
        Plan alone = fixture.plan(1, {});
        const std::vector<float> expected = Fixture::run(alone);
        for (const std::int64_t batch : {2, 5, 17, 40}) {
            Plan plan = fixture.plan(batch, {});
            const std::vector<float> results = Fixture::run(plan);
            for (std::size_t i = 0; i < expected.size(); ++i) {
                EXPECT_NEAR(results[i], expected[i], 1e-4) << of.network << " " << of.options << " " << batch;
            }
        }
    }
}

/// Bytes that a plan of that many equal layers works in.
std::size_t workspace_of_layers(int layers) {
    std::vector<int> filters(static_cast<std::size_t>(layers), 16);
    const std::string options = fmt::format(R"({{"filters": [{}], "pools": [1, 1]}})", fmt::join(filters, ", "));
    Fixture fixture({"vgg", options.c_str()});
    const auto workspace = std::make_shared<Workspace>();
    Plan plan = fixture.plan(1, {.workspace = workspace});
    Fixture::run(plan);
    return workspace->size();
}

TEST(Plan, LetsLayersShareMemory) {
    const onednn::Threads single(1);
    const std::size_t few = workspace_of_layers(4);
    EXPECT_GT(few, 0U);
    // What a primitive needs beside its output differs among processors, so only the growth tells.
    EXPECT_EQ(workspace_of_layers(12), few);
}

}  // namespace
}  // namespace earmark::inference
