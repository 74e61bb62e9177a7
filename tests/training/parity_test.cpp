// The two halves must agree: what libtorch learned is what oneDNN analyzes.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "formats/npy.hpp"
#include "inference/plan/network.hpp"
#include "model/network_spec.hpp"
#include "support/random_model.hpp"
#include "training/network/torch_network.hpp"

namespace earmark::training {
namespace {

using testing::random_mfccs;
using testing::random_model;

std::vector<model::Layer> layers_of_model(const Model& model) {
    return model::NetworkSpec::parse(model.network, "test")
        .build_layers(model.segments.frames, coefficient_count(model.features),
                      static_cast<std::int64_t>(model.labels.size()), "test");
}

/// Largest difference of probabilities between oneDNN and libtorch for the same weights.
double largest_difference(const Model& model, const std::vector<float>& inputs) {
    const std::int64_t frames = model.segments.frames;
    const std::int64_t segments = static_cast<std::int64_t>(inputs.size()) / (frames * 13);
    std::vector<float> ours(segments * model.labels.size());
    inference::Network(model).forward(inputs, ours);

    const torch::NoGradGuard no_grad;
    TorchNetwork network(layers_of_model(model), torch::kCPU, Backend::aten);
    network.load(model.tensors);
    const torch::Tensor values = from_file({{segments, frames, 13}, inputs});
    const torch::Tensor standardised =
        (values - from_file(model.tensors.at("input.mean"))) * from_file(model.tensors.at("input.scale"));
    const torch::Tensor theirs = torch::softmax(network.forward(standardised, false), 1);
    return (from_file({{segments, static_cast<std::int64_t>(model.labels.size())}, ours}) - theirs)
        .abs()
        .max()
        .item<double>();
}

std::vector<Model> networks(int frames) {
    return {
        testing::random_model("mlp", R"({"hidden": [512]})", frames),
        testing::random_model("mlp", "{}", frames),
        testing::random_model("mlp", R"({"hidden": [512, 256, 128, 64, 32]})", frames),
        testing::random_model("cnn", R"({"batch_norm": "first"})", frames),
        testing::random_model("cnn", R"({"batch_norm": "all"})", frames),
        testing::random_model("cnn", R"({"batch_norm": "none"})", frames),
        testing::random_model("lstm", "{}", frames),
        testing::random_model("vgg", R"({"filters": [24, 40]})", frames),
        testing::random_model("vgg", R"({"filters": [24, 40], "pooling": "statistics", "dense": 24})", frames),
        testing::random_model("vgg", R"({"filters": [24, 40], "pooling": "attention", "halve_bands": true})", frames),
        testing::random_model("vgg", R"({"filters": [24, 40], "centre": "bands"})", frames),
        testing::random_model("vgg", R"({"filters": [24, 40], "pooling": "bands"})", frames),
        testing::random_model("resnet", R"({"filters": [16, 24], "blocks": 2, "centre": "segment"})", frames),
        testing::random_model("resnet", R"({"filters": [16, 24], "squeeze": 4, "separable": true})", frames),
        testing::random_model("crnn", "{}", frames),
        testing::random_model("summary", R"({"hidden": [40]})", frames)};
}

TEST(Parity, HoldsOnRandomInput) {
    for (int frames : {77, 259}) {
        for (const Model& model : networks(frames)) {
            EXPECT_LE(largest_difference(model, testing::random_mfccs(40, frames, 11)), 1e-4)
                << model.network.name << " " << model.network.options << " " << frames;
        }
    }
}

TEST(Parity, HoldsOnRealInput) {
    const std::filesystem::path file =
        std::filesystem::path(EARMARK_SOURCE_DIR) / "../shared/data/gtzan/features/mfcc13_f32.npy";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs the GTZAN features of ../shared, which are not here";
    formats::NpyReader reader(file);
    ASSERT_EQ(reader.shape(), (std::vector<std::int64_t>{999, 387, 13}));
    std::vector<float> inputs;
    std::vector<float> track(387 * 13);
    for (int i = 0; i < 999; ++i) {
        reader.read(track);
        if (i % 50 == 0) inputs.insert(inputs.end(), track.begin(), track.begin() + 5 * 77 * 13);
    }
    for (const Model& model : networks(77)) {
        EXPECT_LE(largest_difference(model, inputs), 1e-4) << model.network.name << " " << model.network.options;
    }
}

}  // namespace
}  // namespace earmark::training
