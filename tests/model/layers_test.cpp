#include "model/layers.hpp"

#include <gtest/gtest.h>

#include "earmark/error.hpp"

namespace earmark {
namespace {

std::vector<Layer> layers(const std::string& name, const std::string& options = "{}", int frames = 259) {
    return layers_of({name, options}, frames, 13, 10, "test");
}

// Sizes that Keras prints for the course's networks (model.summary()) on 259 × 13 inputs.
TEST(Layers, HaveTheParametersOfTheCourse) {
    EXPECT_EQ(trainable_parameters(layers("mlp")), 1'872'842);
    EXPECT_EQ(trainable_parameters(layers("cnn", R"({"batch_norm": "all"})")), 80'138);
    EXPECT_EQ(trainable_parameters(layers("lstm")), 57'802);
}

// 9·(1·32 + 32·64 + 64·128 + 128·128) weights, 2·(32 + 64 + 128 + 128) of batch norm, 128·10 + 10 of the output.
TEST(Layers, HalveInEachBlockOfTheVgg) {
    const std::vector<Layer> network = layers_of({"vgg", "{}"}, 77, 128, 10, "test");
    EXPECT_EQ(trainable_parameters(network), 241'898);
    std::vector<Shape> shapes;
    for (const Layer& layer : network) {
        if (layer.kind == LayerKind::max_pool) shapes.push_back(layer.output);
    }
    EXPECT_EQ(shapes, (std::vector<Shape>{{32, 38, 64}, {64, 19, 32}, {128, 9, 16}, {128, 4, 8}}));
    EXPECT_THROW(layers_of({"vgg", "{}"}, 77, 13, 10, "test"), Error);
}

// 9·(1·32 + 32·64 + 64·64) weights, 2·(32 + 64 + 64) of batch norm, 3·32·(64 + 32) + 6·32 and 3·32·(32 + 32) + 6·32 of
// the GRUs, 32·10 + 10 of the output.
TEST(Layers, LeaveFramesAndOneCoefficientToTheRecurrentLayersOfTheCrnn) {
    const std::vector<std::pair<int, Shape>> cases{{77, {19, 64}}, {259, {64, 64}}};
    for (const auto& [frames, expected] : cases) {
        const std::vector<Layer> network = layers("crnn", "{}", frames);
        EXPECT_EQ(trainable_parameters(network), 71'978);
        for (const Layer& layer : network) {
            if (layer.kind == LayerKind::sequence) {
                EXPECT_EQ(layer.output, expected);
            }
        }
    }
    // Log-mel bands need other pools: 77 × 128 → 38 × 32 → 19 × 8 → 19 × 2.
    const std::vector<Layer> network =
        layers_of({"crnn", R"({"pools": [[2, 4], [2, 4], [1, 4]]})"}, 77, 128, 10, "test");
    for (const Layer& layer : network) {
        if (layer.kind == LayerKind::sequence) {
            EXPECT_EQ(layer.output, (Shape{19, 128}));
        }
    }
}

TEST(Layers, DropInTheBlocksAndAfterTheRecurrentLayersOfTheCrnn) {
    std::vector<double> rates;
    for (const Layer& layer : layers("crnn", R"({"dropout": 0.25, "block_dropout": 0.05})")) {
        if (layer.kind == LayerKind::dropout) rates.push_back(layer.rate);
    }
    EXPECT_EQ(rates, (std::vector<double>{0.05, 0.05, 0.05, 0.25}));
}

TEST(Layers, PoolAsKerasSame) {
    std::vector<Shape> shapes;
    for (const Layer& layer : layers("cnn")) {
        if (layer.kind == LayerKind::max_pool) shapes.push_back(layer.output);
    }
    // 259 × 13 → 257 × 11 → 129 × 6 → 127 × 4 → 64 × 2 → 63 × 1 → 32 × 1
    EXPECT_EQ(shapes, (std::vector<Shape>{{32, 129, 6}, {32, 64, 2}, {32, 32, 1}}));
    const Layer second = layers("cnn")[5];
    ASSERT_EQ(second.kind, LayerKind::max_pool);
    EXPECT_EQ(second.input, (Shape{32, 127, 4}));
    // 127 frames, kernel 3, stride 2: (64 - 1) · 2 + 3 - 127 = 2, one before and one after;
    // 4 coefficients: (2 - 1) · 2 + 3 - 4 = 1, none before and one after.
    EXPECT_EQ(second.pad_before[0], 1);
    EXPECT_EQ(second.pad_after[0], 1);
    EXPECT_EQ(second.pad_before[1], 0);
    EXPECT_EQ(second.pad_after[1], 1);
}

TEST(Layers, NormaliseWhereAsked) {
    const auto norms = [](const std::string& where) {
        int count = 0;
        for (const Layer& layer : layers("cnn", R"({"batch_norm": ")" + where + "\"}")) {
            count += layer.kind == LayerKind::batch_norm;
        }
        return count;
    };
    EXPECT_EQ(norms("first"), 1);
    EXPECT_EQ(norms("all"), 3);
    EXPECT_EQ(norms("none"), 0);
}

TEST(Layers, PutDropoutAfterEachHiddenLayerOfTheMlp) {
    int dropouts = 0;
    for (const Layer& layer : layers("mlp", R"({"hidden": [512, 256, 128, 64, 32], "dropout": 0.25})")) {
        if (layer.kind == LayerKind::dropout) {
            ++dropouts;
            EXPECT_EQ(layer.rate, 0.25);
        }
    }
    EXPECT_EQ(dropouts, 5);
}

TEST(Layers, RefuseWhatMakesNoSense) {
    const auto code = [](const std::string& name, const std::string& options, int frames = 259) {
        try {
            layers(name, options, frames);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code("perceptron", "{}"), ErrorCode::unsupported);
    EXPECT_EQ(code("mlp", R"({"units": 3})"), ErrorCode::unsupported);
    EXPECT_EQ(code("mlp", R"({"hidden": []})"), ErrorCode::bad_option);
    EXPECT_EQ(code("mlp", R"({"hidden": [0]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("mlp", R"({"hidden": [1e9]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("mlp", R"({"hidden": "512"})"), ErrorCode::bad_option);
    EXPECT_EQ(code("cnn", R"({"dropout": 1.0})"), ErrorCode::bad_option);
    EXPECT_EQ(code("cnn", R"({"dropout": "half"})"), ErrorCode::bad_option);
    EXPECT_EQ(code("cnn", R"({"batch_norm": "second"})"), ErrorCode::bad_option);
    EXPECT_EQ(code("cnn", "[]"), ErrorCode::corrupt);
    EXPECT_EQ(code("cnn", "{}", 5), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", "{}", 3), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", R"({"pools": [[2, 2], [2, 2]]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", R"({"pools": [[2, 2], [2, 2], [1, 4]]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", R"({"pools": [[2, 2], [2, 2], [1, 0]]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", R"({"pools": [2, 2, 1]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", R"({"filters": [32, 64]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("crnn", R"({"block_dropout": 1.0})"), ErrorCode::bad_option);
}

TEST(Layers, CompleteTheirOptions) {
    EXPECT_EQ(complete_options({"lstm", R"({"dropout":0.1})"}, "test"), R"({"dense":64,"dropout":0.1,"units":64})");
}

}  // namespace
}  // namespace earmark
