#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "model/network_spec.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/adam.hpp"

namespace earmark::training {
namespace {

TorchNetwork initialised(const std::string& name, const std::string& options = "{}") {
    TorchNetwork network(model::NetworkSpec::parse({name, options}, "test").build_layers(259, 13, 10, "test"),
                         torch::kCPU);
    torch::manual_seed(3);
    network.initialise();
    return network;
}

TEST(Initialisation, IsGlorotUniformForKernels) {
    const auto parameters = initialised("cnn").parameters().tensors();
    // Keras: limit = sqrt(6 / (fan in + fan out)); for convolutions the fans count the kernel's area.
    const auto expect_uniform = [&](const std::string& name, double fan_in, double fan_out) {
        const torch::Tensor weight = parameters.at(name).detach();
        const double limit = std::sqrt(6.0 / (fan_in + fan_out));
        EXPECT_LE(weight.abs().max().item<double>(), limit) << name;
        EXPECT_GT(weight.abs().max().item<double>(), 0.95 * limit) << name;
        EXPECT_NEAR(weight.std().item<double>(), limit / std::sqrt(3.0), 0.05 * limit) << name;
    };
    expect_uniform("convolution2.weight", 32 * 9, 32 * 9);
    expect_uniform("convolution3.weight", 32 * 4, 32 * 4);
    expect_uniform("dense1.weight", 1024, 64);
    for (const char* name : {"convolution1.bias", "dense1.bias", "output.bias", "norm1.shift"}) {
        EXPECT_EQ(parameters.at(name).abs().max().item<double>(), 0.0) << name;
    }
    EXPECT_TRUE(parameters.at("norm1.scale").eq(1.0).all().item<bool>());
}

TEST(Initialisation, IsOrthogonalForRecurrentKernelsAndForgetsNothing) {
    const auto parameters = initialised("lstm").parameters().tensors();
    for (const std::string layer : {"lstm1", "lstm2"}) {
        const torch::Tensor weight = parameters.at(layer + ".recurrent_weight").detach();
        EXPECT_LT((weight.t().matmul(weight) - torch::eye(64)).abs().max().item<double>(), 1e-5);
        const torch::Tensor bias = parameters.at(layer + ".bias").detach();
        EXPECT_TRUE(bias.slice(0, 64, 128).eq(1.0).all().item<bool>()) << "the forget gate's";
        EXPECT_EQ(bias.sum().item<double>(), 64.0);
        const torch::Tensor input = parameters.at(layer + ".input_weight").detach();
        EXPECT_LE(input.abs().max().item<double>(), std::sqrt(6.0 / (static_cast<double>(input.size(1)) + 256.0)));
    }
}

TEST(Training, TrainsEveryTensorButNoRunningStatistic) {
    for (const char* name : {"mlp", "cnn", "lstm"}) {
        TorchNetwork network = initialised(name, R"({"dropout": 0.0})");
        network.forward(torch::randn({4, 259, 13}), true).square().sum().backward();
        for (const auto& [tensor, parameter] : network.parameters().tensors()) {
            ASSERT_TRUE(parameter.grad().defined()) << name << " " << tensor;
            EXPECT_GT(parameter.grad().abs().max().item<double>(), 0.0) << name << " " << tensor;
        }
    }
    EXPECT_EQ(initialised("cnn").parameters().tensors().count("norm1.mean"), 0U);
}

TEST(Training, MovesRunningStatisticsAsKerasDoes) {
    TorchNetwork network = initialised("cnn");
    network.forward(torch::randn({32, 259, 13}), true);
    const Tensor variance = network.tensors().at("norm1.variance");
    // momentum 0.99: after one step 0.99 · 1 + 0.01 · variance of the batch
    for (float value : variance.values) {
        EXPECT_GT(value, 0.99F);
        EXPECT_LT(value, 1.2F);
    }
    const auto before = network.tensors();
    network.forward(torch::randn({32, 259, 13}), false);
    EXPECT_EQ(network.tensors().at("norm1.variance").values, before.at("norm1.variance").values);
}

TEST(Training, DropsOnlyInTraining) {
    TorchNetwork network = initialised("mlp", R"({"dropout": 0.5})");
    const torch::Tensor inputs = torch::randn({8, 259, 13});
    EXPECT_TRUE(network.forward(inputs, false).equal(network.forward(inputs, false)));
    EXPECT_FALSE(network.forward(inputs, true).equal(network.forward(inputs, true)));
}

TEST(Training, PenalisesTheHiddenKernelsOnly) {
    TorchNetwork network = initialised("mlp", R"({"hidden": [16, 8], "l2": 0.01})");
    const auto& parameters = network.parameters().tensors();
    const double expected =
        0.01 *
        (parameters.at("dense1.weight").square().sum() + parameters.at("dense2.weight").square().sum()).item<double>();
    EXPECT_NEAR(network.penalty(), expected, 1e-6 * expected);
    EXPECT_EQ(initialised("cnn").penalty(), 0.0);
    EXPECT_EQ(initialised("mlp", R"({"l2": 0})").penalty(), 0.0);
}

// Three steps of Adam by hand, in the form of Keras, on a loss whose gradient is the parameter itself; another
// parameter has a penalty of its own.
TEST(AdamTest, FollowsKeras) {
    constexpr double l2 = 0.25;
    Parameters parameters(torch::kCPU);
    parameters.add("free", {2}, 0.0);
    parameters.add("penalised", {2}, l2);
    parameters.allocate();
    for (const auto& [name, tensor] : parameters.tensors()) tensor.detach().copy_(torch::tensor({1.0, -2.0}));
    Adam adam(parameters, 0.1);
    for (const auto& [name, tensor] : parameters.tensors()) EXPECT_EQ(tensor[1].item<double>(), -2.0);
    double w[2][2] = {{1.0, -2.0}, {1.0, -2.0}};
    double m[2][2] = {};
    double v[2][2] = {};
    for (int t = 1; t <= 3; ++t) {
        torch::Tensor(parameters.gradients()).zero_();
        const torch::Tensor sum =
            parameters.tensors().at("free").square().sum() + parameters.tensors().at("penalised").square().sum();
        (sum / 2).backward();
        adam.step();
        for (int p = 0; p < 2; ++p) {
            const torch::Tensor& tensor = parameters.tensors().at(p == 0 ? "free" : "penalised");
            for (int i = 0; i < 2; ++i) {
                const double g = w[p][i] + (p == 1 ? 2.0 * l2 * w[p][i] : 0.0);
                m[p][i] = 0.9 * m[p][i] + 0.1 * g;
                v[p][i] = 0.999 * v[p][i] + 0.001 * g * g;
                const double rate = 0.1 * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
                w[p][i] -= rate * m[p][i] / (std::sqrt(v[p][i]) + 1e-7);
                EXPECT_NEAR(tensor[i].item<double>(), w[p][i], 1e-5) << p;
            }
        }
    }
    EXPECT_EQ(adam.steps(), 3);
}

}  // namespace
}  // namespace earmark::training
