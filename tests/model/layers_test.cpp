#include "model/network_spec.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "earmark/error.hpp"
#include "support/error_of.hpp"

namespace earmark::model {
namespace {

std::vector<Layer> layers(const std::string& name, const std::string& options = "{}", int frames = 259) {
    return NetworkSpec::parse({name, options}, "test").build_layers(frames, 13, 10, "test");
}

// Sizes that Keras prints for the course's networks (model.summary()) on 259 × 13 inputs.
TEST(Layers, HaveTheParametersOfTheCourse) {
    EXPECT_EQ(trainable_parameters(layers("mlp")), 1'872'842);
    EXPECT_EQ(trainable_parameters(layers("cnn", R"({"batch_norm": "all"})")), 80'138);
    EXPECT_EQ(trainable_parameters(layers("lstm")), 57'802);
}

// 9·(1·32 + 32·64 + 64·128 + 128·128) weights, 2·(32 + 64 + 128 + 128) of batch norm, 128·10 + 10 of the output.
TEST(Layers, HalveInEachBlockOfTheVgg) {
    const std::vector<Layer> network = NetworkSpec::parse({"vgg", "{}"}, "test").build_layers(77, 128, 10, "test");
    EXPECT_EQ(trainable_parameters(network), 241'898);
    std::vector<Shape> shapes;
    for (const Layer& layer : network) {
        if (layer.kind == LayerKind::max_pool) shapes.push_back(layer.output);
    }
    EXPECT_EQ(shapes, (std::vector<Shape>{{32, 38, 64}, {64, 19, 32}, {128, 9, 16}, {128, 4, 8}}));
    EXPECT_THROW(NetworkSpec::parse({"vgg", "{}"}, "test").build_layers(77, 13, 10, "test"), Error);
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
    const std::vector<Layer> network = NetworkSpec::parse({"crnn", R"({"pools": [[2, 4], [2, 4], [1, 4]]})"}, "test")
                                           .build_layers(77, 128, 10, "test");
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

std::vector<Layer> of_bands(const std::string& name, const std::string& options, int frames = 77) {
    return NetworkSpec::parse({name, options}, "test").build_layers(frames, 128, 10, "test");
}

bool has(const std::vector<Layer>& network, LayerKind kind) {
    return std::any_of(network.begin(), network.end(), [kind](const Layer& layer) { return layer.kind == kind; });
}

TEST(Layers, PoolWhatTheBlocksLeaveAsAsked) {
    // Statistics double the inputs of the output layer; attention adds a weight a channel.
    EXPECT_EQ(trainable_parameters(of_bands("vgg", R"({"pooling": "statistics"})")), 241'898 + 128 * 10);
    EXPECT_EQ(trainable_parameters(of_bands("vgg", R"({"pooling": "attention"})")), 241'898 + 128);
    // 128 bands are 8 after four pools of two.
    EXPECT_EQ(trainable_parameters(of_bands("vgg", R"({"pooling": "bands"})")), 241'898 + 7 * 128 * 10);
    EXPECT_EQ(trainable_parameters(of_bands("vgg", R"({"dense": 64})")), 241'898 - 1290 + 64 * 129 + 10 * 65);
    for (const Layer& layer : of_bands("vgg", R"({"pooling": "statistics"})")) {
        if (layer.kind == LayerKind::average_pool) {
            EXPECT_EQ(layer.output, (Shape{128, 4, 1}));
        }
        if (layer.kind == LayerKind::sequence) {
            EXPECT_EQ(layer.output, (Shape{4, 128}));
        }
        if (layer.kind == LayerKind::statistics) {
            EXPECT_EQ(layer.output, (Shape{256}));
        }
    }
}

TEST(Layers, SummariseSegments) {
    const std::vector<Layer> network = of_bands("summary", "{}");
    // The means of 128 bands, what lies between them, their movement and their deviation.
    EXPECT_EQ(network[0].output, (Shape{511, 1, 1}));
    EXPECT_EQ(trainable_parameters(network), 2 * 511 + 512 * 512 + 513 * 10);
    EXPECT_EQ(trainable_parameters(of_bands("summary", R"({"hidden": [20, 12]})")),
              2 * 511 + 20 * 512 + 12 * 21 + 10 * 13);
    EXPECT_EQ(trainable_parameters(of_bands("summary", "{}", 1)), trainable_parameters(network));
}

/// The layer of a name.
const Layer& layer_of(const std::vector<Layer>& network, std::string_view name) {
    return *std::ranges::find(network, name, &Layer::name);
}

TEST(Layers, MakeTheMusicnn) {
    const std::vector<Layer> network = NetworkSpec::parse({"musicnn", "{}"}, "test").build_layers(187, 96, 50, "test");
    EXPECT_EQ(layer_of(network, "timbral1").output, (Shape{204, 187, 59}));
    EXPECT_EQ(layer_of(network, "timbral2").output, (Shape{204, 187, 30}));
    for (const char* name : {"temporal1", "temporal2", "temporal3"})
        EXPECT_EQ(layer_of(network, name).output, (Shape{51, 187, 96}));
    EXPECT_EQ(layer_of(network, "temporal1").pad_before[0], 63);  // TensorFlow's "same"
    EXPECT_EQ(layer_of(network, "temporal1").pad_after[0], 64);
    EXPECT_EQ(layer_of(network, "middle1").input, (Shape{561, 187, 1}));
    EXPECT_EQ(layer_of(network, "middle2").input, (Shape{64, 187, 1}));
    EXPECT_EQ(layer_of(network, "pool_norm").output, (Shape{1506}));
    EXPECT_EQ(layer_of(network, "output").input, (Shape{200}));
    // The authors' file has four more: the batch norm of the input's one channel.
    std::int64_t values = 0;
    for (const Layer& layer : network)
        for (const TensorSpec& tensor : tensor_specs(layer)) values += element_count(tensor.shape);
    EXPECT_EQ(values, 792'075);
}

TEST(Layers, MakeTheMobilenet) {
    const std::vector<Layer> network =
        NetworkSpec::parse({"mobilenet", "{}"}, "test").build_layers(96, 64, 521, "test");
    EXPECT_EQ(layer_of(network, "stem").output, (Shape{32, 48, 32}));
    EXPECT_EQ(layer_of(network, "stem").pad_before[0], 0);
    EXPECT_EQ(layer_of(network, "stem").pad_after[0], 1);
    EXPECT_EQ(layer_of(network, "block13.pointwise").output, (Shape{1024, 3, 2}));
    EXPECT_EQ(layer_of(network, "output").input, (Shape{1024}));
    EXPECT_EQ(tensor_specs(layer_of(network, "block2.depthwise"))[0].shape, (Shape{64, 1, 3, 3}));
}

TEST(Layers, MakeChoisNetworks) {
    const auto built = [](const char* name, const char* options) {
        return NetworkSpec::parse({name, options}, "test").build_layers(1366, 96, 50, "test");
    };
    EXPECT_EQ(built("choi-cnn", "{}").back().input, (Shape{256}));
    EXPECT_EQ(layer_of(built("choi-cnn", "{}"), "frame_norm").output, (Shape{1366, 96}));
    EXPECT_EQ(layer_of(built("choi-crnn", "{}"), "frame_norm").output, (Shape{1440, 96}));
    EXPECT_EQ(layer_of(built("choi-crnn", "{}"), "gru1").input, (Shape{15, 128}));
    EXPECT_EQ(tensor_specs(layer_of(built("choi-crnn", "{}"), "gru1")).size(), 3U);  // one bias
    // As many parameters as were asked for, and no more.
    for (const char* name : {"k1c2", "k2c1", "k2c2", "choi-crnn"}) {
        for (const std::int64_t wanted : {100'000, 1'000'000}) {
            const std::string options = fmt::format(R"({{"parameters": {}}})", wanted);
            const std::int64_t parameters = trainable_parameters(built(name, options.c_str()));
            EXPECT_LE(parameters, wanted) << name;
            EXPECT_GT(parameters, 0.95 * static_cast<double>(wanted)) << name;
        }
    }
}

TEST(Layers, KeepTheirTensorsWhateverTheFrames) {
    for (const char* pooling : {"average", "bands", "statistics", "attention"}) {
        for (const char* name : {"vgg", "resnet"}) {
            const std::string options = fmt::format(R"({{"pooling": "{}", "filters": [16, 32]}})", pooling);
            EXPECT_EQ(trainable_parameters(of_bands(name, options, 26)),
                      trainable_parameters(of_bands(name, options, 129)));
        }
    }
}

TEST(Layers, HalveTheBandsWhereAsked) {
    for (const char* name : {"vgg", "resnet"}) {
        const std::vector<Layer> network = of_bands(name, R"({"halve_bands": true})");
        EXPECT_EQ(network[1].kind, LayerKind::average_pool);
        EXPECT_EQ(network[1].output, (Shape{1, 77, 64}));
        EXPECT_EQ(trainable_parameters(network), trainable_parameters(of_bands(name, "{}")));
        EXPECT_FALSE(has(of_bands(name, "{}"), LayerKind::average_pool));
    }
    EXPECT_EQ(layers("crnn", R"({"halve_bands": true, "pools": [2, 1]})")[1].output, (Shape{1, 259, 6}));
}

// 9·16 and 2·16 of the stem. A stage from a to b filters: 9·(a·b + b·b) weights and 4·b of batch norm, and a·b + 2·b of
// the projection where a is not b.
TEST(Layers, AddWhatWentInToWhatComesOutOfABlock) {
    const auto stage = [](int a, int b) { return 9 * (a * b + b * b) + 4 * b + (a == b ? 0 : a * b + 2 * b); };
    const int expected =
        9 * 16 + 2 * 16 + stage(16, 16) + stage(16, 32) + stage(32, 64) + stage(64, 128) + 128 * 10 + 10;
    EXPECT_EQ(expected, 308'538);
    EXPECT_EQ(trainable_parameters(of_bands("resnet", "{}")), expected);
    EXPECT_EQ(trainable_parameters(of_bands("resnet", R"({"blocks": 2})")),
              expected + stage(16, 16) + stage(32, 32) + stage(64, 64) + stage(128, 128));
    const std::vector<Layer> network = of_bands("resnet", R"({"filters": [16, 32]})");
    std::vector<std::pair<std::string, std::string>> summands;
    for (const Layer& layer : network) {
        if (layer.kind != LayerKind::add) continue;
        EXPECT_TRUE(layer.relu);
        EXPECT_EQ(network[layer.source].output, network[layer.second].output);
        summands.emplace_back(network[layer.source].name, network[layer.second].name);
        if (layer.output[0] == 16) {
            EXPECT_EQ(network[layer.second].kind, LayerKind::max_pool);
        }
    }
    const std::vector<std::pair<std::string, std::string>> wanted{
        {"stage1.block1.norm2", ""}, {"stage2.block1.projection_norm", "stage2.block1.norm2"}};
    EXPECT_EQ(summands, wanted);
}

TEST(Layers, TakeOnlyWhatComesBeforeThem) {
    const std::vector<Layer> network = of_bands("resnet", R"({"squeeze": 4, "separable": true, "blocks": 2})");
    for (int i = 0; i < static_cast<int>(network.size()); ++i) {
        const Layer& layer = network[i];
        EXPECT_LT(layer.source, i);
        EXPECT_LT(layer.second, i);
        if (layer.source >= 0) {
            EXPECT_EQ(layer.input, network[layer.source].output);
        }
        EXPECT_EQ(layer.second >= 0, layer.kind == LayerKind::add || layer.kind == LayerKind::scale);
        if (layer.second >= 0) {
            EXPECT_EQ(layer.output, network[layer.second].output);
        }
    }
}

TEST(Layers, SqueezeAndSeparateWhereAsked) {
    const auto parameters = [](const char* options) { return trainable_parameters(of_bands("resnet", options)); };
    // To a quarter of the channels and back, with biases.
    const auto squeeze = [](int c) { return c * (c / 4) + c / 4 + c / 4 * c + c; };
    EXPECT_EQ(parameters(R"({"filters": [16, 32], "squeeze": 4})"),
              parameters(R"({"filters": [16, 32]})") + squeeze(16) + squeeze(32));
    EXPECT_FALSE(has(of_bands("resnet", "{}"), LayerKind::scale));
    // 9·a + a·b instead of 9·a·b for each convolution of a block.
    const auto saved = [](int a, int b) { return 9 * a * b - 9 * a - a * b; };
    EXPECT_EQ(parameters(R"({"filters": [16, 32], "separable": true})"),
              parameters(R"({"filters": [16, 32]})") - 2 * saved(16, 16) - saved(16, 32) - saved(32, 32));
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

TEST(Layers, OfAPerceptronWithoutHiddenOnesAreLinear) {
    const std::vector<Layer> linear = layers("mlp", R"({"hidden": [], "dropout": 0.0})");
    ASSERT_EQ(linear.size(), 2U);
    EXPECT_EQ(linear[0].kind, LayerKind::flatten);
    EXPECT_EQ(linear[1].name, "output");
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
    EXPECT_EQ(code("vgg", R"({"filters": []})"), ErrorCode::bad_option);
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
    EXPECT_EQ(code("vgg", R"({"filters": [8], "pooling": "maximum"})"), ErrorCode::bad_option);
    EXPECT_EQ(code("vgg", R"({"filters": [8], "dense": -1})"), ErrorCode::bad_option);
    EXPECT_EQ(code("vgg", R"({"filters": [8], "halve_bands": 1})"), ErrorCode::bad_option);
    EXPECT_EQ(code("vgg", R"({"filters": [8], "pools": []})"), ErrorCode::bad_option);
    EXPECT_EQ(code("vgg", R"({"filters": [8], "pools": [[2, 14]]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("vgg", R"({"filters": [8], "pools": [[2, 2], [2, 2]]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("resnet", R"({"filters": [8], "blocks": 0})"), ErrorCode::bad_option);
    EXPECT_EQ(code("musicnn", R"({"timbral_filters": 0})"), ErrorCode::bad_option);
    EXPECT_EQ(code("mobilenet", R"({"strides": [1, 2]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("choi-cnn", "{}"), ErrorCode::bad_option);  // 13 coefficients are too few
    EXPECT_EQ(code("choi-crnn", R"({"epsilon": 0})"), ErrorCode::bad_option);
    EXPECT_EQ(code("k1c2", R"({"hidden": [10]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("k2c1", R"({"pools": [1, 1]})"), ErrorCode::bad_option);
    EXPECT_EQ(code("resnet", R"({"filters": [8], "blocks": 65})"), ErrorCode::bad_option);
    EXPECT_EQ(code("resnet", R"({"filters": [8], "squeeze": -4})"), ErrorCode::bad_option);
    EXPECT_EQ(code("resnet", R"({"filters": [8], "separable": "yes"})"), ErrorCode::bad_option);
    EXPECT_EQ(code("resnet", R"({"filters": [8, 8, 8, 8]})"), ErrorCode::bad_option);  // 13 coefficients are too few
}

std::string options_of(const char* name, const char* options) {
    return NetworkSpec::parse({name, options}, "test").options().dump();
}

TEST(NetworkSpec, CompletesItsOptions) {
    EXPECT_EQ(options_of("lstm", R"({"dropout":0.1})"), R"({"dense":64,"dropout":0.1,"units":64})");
    EXPECT_EQ(options_of("summary", "{}"), R"({"dropout":0.3,"hidden":[512]})");
    EXPECT_EQ(options_of("vgg", "{}"),
              R"({"block_dropout":0.0,"centre":"none","dense":0,"dropout":0.3,"filters":[32,64,128,128],)"
              R"("halve_bands":false,"pooling":"average","pools":[2,2]})");
    EXPECT_EQ(options_of("crnn", "{}"),
              R"({"block_dropout":0.1,"centre":"none","dropout":0.3,"filters":[32,64,64],"halve_bands":false,)"
              R"("pools":[[2,2],[2,2],[1,3]],"units":32})");
}

TEST(NetworkSpec, KeepsOptionsAsTheyWereGiven) {
    // Run ids and checkpoints hold these characters: 0 must not become 0.0, nor a pair a list of pairs.
    EXPECT_EQ(options_of("lstm", R"({"dropout":0})"), R"({"dense":64,"dropout":0,"units":64})");
    EXPECT_NE(options_of("crnn", R"({"pools":[2,2]})").find(R"("pools":[2,2],)"), std::string::npos);
    const NetworkSpec spec = NetworkSpec::parse({"cnn", R"({"dropout":0})"}, "test");
    EXPECT_EQ(spec.description().name, "cnn");
    EXPECT_EQ(NetworkSpec::parse(spec.description(), "test").options(), spec.options());
}

TEST(NetworkSpec, NamesWhatIsWrong) {
    const auto message = [](const char* name, const char* options) {
        return testing::error_of([&] { return NetworkSpec::parse({name, options}, "model.safetensors"); });
    };
    EXPECT_EQ(
        message("perceptron", "{}"),
        "unsupported: model.safetensors: unknown network \"perceptron\". Known are mlp, cnn, lstm, vgg, resnet, crnn, "
        "summary, musicnn, mobilenet, choi-cnn, choi-crnn, k1c2, k2c1 and k2c2.");
    EXPECT_EQ(
        message("vgg", R"({"pooling": "maximum"})"),
        "bad_option: model.safetensors: option \"pooling\" of the vgg network must be one of average, bands, statistics, "
        "attention.");
    // An option of a newer version says more than a value of it does.
    EXPECT_EQ(message("mlp", R"({"hidden": [], "heads": 8})"),
              "unsupported: model.safetensors: the mlp network has no option \"heads\".");
}

}  // namespace
}  // namespace earmark::model
