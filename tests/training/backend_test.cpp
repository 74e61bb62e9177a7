// oneDNN's training must be libtorch's: the same losses, the same gradients, the same course over several steps.
//
// Among millions of values behind ReLU and max-pooling a few lie so close to zero, or to one another, that rounding
// decides which way their gradient goes; each of those moves the whole gradient by some 1e-3. The tests that ask for
// 1e-4 therefore use networks small enough to have none.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <ATen/Parallel.h>

#include "model/network_spec.hpp"
#include "support/random_model.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/adam.hpp"

namespace earmark::training {
namespace {

struct Case {
    std::string network;
    std::string options;
    std::int64_t frames;
    std::int64_t width;
    std::int64_t batch;
    std::int64_t threads;
};

std::ostream& operator<<(std::ostream& out, const Case& test) {
    return out << test.network << " " << test.options << " " << test.frames << " x " << test.width << ", batch "
               << test.batch << ", " << test.threads << " threads";
}

/// Sets libtorch's number of threads while it lives.
class TorchThreads {
  public:
    explicit TorchThreads(std::int64_t count) : before_(at::get_num_threads()) {
        at::set_num_threads(static_cast<int>(count));
    }
    ~TorchThreads() { at::set_num_threads(before_); }

  private:
    int before_;
};

class Backends : public ::testing::TestWithParam<Case> {
  protected:
    std::vector<model::Layer> layers() const {
        const Case& test = GetParam();
        return model::NetworkSpec::parse({test.network, test.options}, "test")
            .build_layers(test.frames, test.width, 10, "test");
    }
    torch::Tensor inputs() const {
        const Case& test = GetParam();
        torch::manual_seed(11);
        return torch::randn({test.batch, test.frames, test.width});
    }
    torch::Tensor labels() const { return torch::arange(GetParam().batch, torch::kInt64).remainder(10); }
};

double loss_of(TorchNetwork& network, const torch::Tensor& inputs, const torch::Tensor& labels) {
    torch::manual_seed(7);  // the same dropout
    const torch::Tensor loss = torch::cross_entropy_loss(network.forward(inputs, true), labels);
    loss.backward();
    return loss.item<double>();
}

TEST_P(Backends, GiveTheSameGradients) {
    const TorchThreads threads(GetParam().threads);
    TorchNetwork ours(layers(), torch::kCPU, Backend::onednn);
    TorchNetwork theirs(layers(), torch::kCPU, Backend::aten);
    ASSERT_EQ(ours.backend(), Backend::onednn);
    torch::manual_seed(3);
    ours.initialise();
    theirs.load(ours.tensors());
    // Twice, since nothing of the first step may be left in the second.
    for (int step = 0; step < 2; ++step) {
        const double loss = loss_of(ours, inputs() + step, labels());
        EXPECT_NEAR(loss, loss_of(theirs, inputs() + step, labels()), 1e-5 * loss);
        for (const auto& [name, parameter] : ours.parameters().tensors()) {
            const torch::Tensor expected = theirs.parameters().tensors().at(name).grad();
            const double size = expected.norm().item<double>();
            EXPECT_LE((parameter.grad() - expected).norm().item<double>(), 1e-4 * size + 1e-6)
                << name;  // 0 but for rounding, if a norm undoes it
        }
    }
    const auto statistics = theirs.tensors();
    for (const auto& [name, tensor] : ours.tensors()) {
        if (!name.ends_with(".mean") && !name.ends_with(".variance")) continue;
        for (std::size_t i = 0; i < tensor.values.size(); ++i) {
            EXPECT_NEAR(tensor.values[i], statistics.at(name).values[i], 1e-5) << name;
        }
    }
    const torch::NoGradGuard no_grad;
    EXPECT_LE((ours.forward(inputs(), false) - theirs.forward(inputs(), false)).abs().max().item<double>(), 1e-4);
}

TEST_P(Backends, GoTheSameWayForTenSteps) {
    const TorchThreads threads(GetParam().threads);
    std::vector<double> losses[2];
    std::map<std::string, Tensor> weights;
    for (const Backend backend : {Backend::onednn, Backend::aten}) {
        TorchNetwork network(layers(), torch::kCPU, backend);
        if (weights.empty()) {
            torch::manual_seed(3);
            network.initialise();
            weights = network.tensors();
        }
        network.load(weights);
        Adam adam(network.parameters(), 1e-4);
        for (int step = 0; step < 10; ++step) {
            losses[backend == Backend::aten].push_back(loss_of(network, inputs(), labels()));
            adam.step();
        }
    }
    EXPECT_LT(losses[0].back(), losses[0].front()) << "nothing was learned";
    for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(losses[0][i], losses[1][i], 1e-4 * losses[1][i]) << "step " << i;
}

// Central differences along the gradient itself: the loss must change as fast as the gradient is long.
TEST_P(Backends, DifferentiateTheLoss) {
    const TorchThreads threads(GetParam().threads);
    TorchNetwork network(layers(), torch::kCPU);
    torch::manual_seed(5);
    network.initialise();
    loss_of(network, inputs(), labels());
    const std::map<std::string, torch::Tensor> parameters = network.parameters().tensors();
    for (const auto& [name, parameter] : parameters) {
        const torch::Tensor gradient = parameter.grad().clone();
        const double length = gradient.norm().item<double>();
        if (length < 1e-4) continue;  // single precision drowns it
        const double reach = std::min(0.0005 / length, 0.01);
        const torch::Tensor before = parameter.detach().clone();
        double losses[2];
        for (const int sign : {-1, 1}) {
            parameter.detach().copy_(before + gradient * (sign * reach / length));
            losses[sign == 1] = loss_of(network, inputs(), labels());
        }
        parameter.detach().copy_(before);
        EXPECT_NEAR((losses[1] - losses[0]) / (2.0 * reach), length, 0.05 * length) << name;
    }
}

// As large as in earnest, so that oneDNN takes its Winograd convolutions, too, whose rounding errors are larger.
class LargeBatch : public ::testing::TestWithParam<const char*> {};

TEST_P(LargeBatch, GivesNearlyTheSameGradients) {
    const std::vector<model::Layer> layers =
        model::NetworkSpec::parse({GetParam(), R"({"dropout": 0.0})"}, "test").build_layers(77, 128, 10, "test");
    TorchNetwork ours(layers, torch::kCPU, Backend::onednn);
    TorchNetwork theirs(layers, torch::kCPU, Backend::aten);
    torch::manual_seed(3);
    ours.initialise();
    theirs.load(ours.tensors());
    const torch::Tensor inputs = torch::randn({32, 77, 128});
    const torch::Tensor labels = torch::arange(32, torch::kInt64).remainder(10);
    const double loss = loss_of(ours, inputs, labels);
    EXPECT_NEAR(loss, loss_of(theirs, inputs, labels), 1e-5 * loss);
    for (const auto& [name, parameter] : ours.parameters().tensors()) {
        const torch::Tensor expected = theirs.parameters().tensors().at(name).grad();
        EXPECT_LE((parameter.grad() - expected).norm().item<double>(), 2e-2 * expected.norm().item<double>()) << name;
    }
}

// Products of bfloat16 numbers are right to about 2^-9 each; the weights' gradients are sums of thousands.
TEST_P(LargeBatch, GivesAlikeGradientsInMixedPrecision) {
    if (!inference::has_bfloat16()) GTEST_SKIP() << "this processor has no units for bfloat16 numbers";
    const std::vector<model::Layer> layers =
        model::NetworkSpec::parse({GetParam(), R"({"dropout": 0.0})"}, "test").build_layers(77, 128, 10, "test");
    TorchNetwork mixed(layers, torch::kCPU, Backend::onednn, inference::Precision::mixed);
    TorchNetwork single(layers, torch::kCPU, Backend::onednn);
    torch::manual_seed(3);
    mixed.initialise();
    single.load(mixed.tensors());
    const torch::Tensor inputs = torch::randn({32, 77, 128});
    const torch::Tensor labels = torch::arange(32, torch::kInt64).remainder(10);
    const double loss = loss_of(mixed, inputs, labels);
    EXPECT_NEAR(loss, loss_of(single, inputs, labels), 1e-2 * loss);
    double largest = 0.0;
    for (const auto& [name, parameter] : mixed.parameters().tensors()) {
        const torch::Tensor expected = single.parameters().tensors().at(name).grad();
        const torch::Tensor gradient = parameter.grad();
        const double cosine = (gradient * expected).sum().item<double>() /
                              (gradient.norm().item<double>() * expected.norm().item<double>() + 1e-30);
        EXPECT_TRUE(cosine > 0.9 || expected.norm().item<double>() < 1e-6) << name << " " << cosine;
        largest = std::max(largest, (gradient - expected).norm().item<double>() / expected.norm().item<double>());
    }
    EXPECT_GT(largest, 1e-5) << "nothing was computed in bfloat16";
    // What is judged is of single precision, whatever trained it.
    single.load(mixed.tensors());
    const torch::NoGradGuard no_grad;
    EXPECT_EQ((mixed.forward(inputs, false) - single.forward(inputs, false)).abs().max().item<double>(), 0.0);
}

INSTANTIATE_TEST_SUITE_P(Networks, LargeBatch, ::testing::Values("vgg", "resnet"));

INSTANTIATE_TEST_SUITE_P(
    Networks, Backends,
    ::testing::Values(
        Case{"mlp", R"({"dropout": 0.3})", 259, 13, 32, 1}, Case{"mlp", R"({"hidden": [48]})", 77, 13, 7, 2},
        Case{"cnn", R"({"dropout": 0.3})", 259, 13, 4, 1}, Case{"cnn", R"({"batch_norm": "all"})", 77, 13, 9, 2},
        Case{"cnn", R"({"batch_norm": "none", "filters": 20})", 77, 13, 3, 1},
        Case{"lstm", R"({"dropout": 0.3})", 259, 13, 32, 1}, Case{"lstm", R"({"units": 24})", 77, 13, 5, 2},
        Case{"lstm", R"({"units": 24})", 77, 13, 1, 2}, Case{"crnn", "{}", 40, 13, 4, 1},
        // Without pools there are no kinks.
        Case{"crnn", R"({"filters": [32, 64], "pools": [[1, 1], [1, 1]]})", 77, 13, 8, 1},
        Case{"crnn", R"({"filters": [12, 20], "pools": [[2, 2], [3, 2]]})", 36, 13, 5, 2},
        Case{"crnn", R"({"filters": [8], "pools": [[1, 2]], "units": 24})", 20, 13, 1, 2},
        Case{"vgg", "{}", 32, 24, 4, 1}, Case{"vgg", R"({"filters": [24, 40, 16]})", 35, 40, 5, 2},
        Case{"vgg", R"({"filters": [16, 24], "pooling": "statistics", "dense": 24, "block_dropout": 0.1})", 24, 16, 4,
             1},
        Case{"vgg", R"({"filters": [16, 24], "pooling": "bands", "dense": 24})", 24, 16, 4, 1},
        Case{"vgg", R"({"filters": [12, 16], "pooling": "attention", "halve_bands": true})", 24, 18, 5, 2},
        Case{"vgg", R"({"filters": [16, 24], "centre": "bands"})", 24, 16, 4, 1},
        Case{"resnet", R"({"filters": [16, 24], "centre": "segment"})", 12, 8, 4, 1},
        Case{"resnet", R"({"filters": [16, 32]})", 12, 10, 4, 1},
        Case{"resnet", R"({"filters": [12, 12], "blocks": 2, "block_dropout": 0.1})", 12, 8, 3, 2},
        Case{"resnet", R"({"filters": [16, 24], "squeeze": 4, "pooling": "statistics"})", 12, 8, 4, 2},
        Case{"resnet", R"({"filters": [16, 24], "squeeze": 4, "separable": true, "pooling": "attention"})", 12, 8, 4,
             1},
        Case{"crnn", R"({"filters": [8], "pools": [1, 2], "units": 12, "halve_bands": true})", 16, 12, 3, 1},
        Case{"summary", R"({"hidden": [24, 16]})", 30, 12, 6, 2},
        Case{"musicnn",
             R"({"timbral_filters": 6, "temporal_filters": 3, "middle_filters": 5, "dense": 9, "dropout": 0.3})", 20,
             12, 4, 1},
        Case{"musicnn", R"({"timbral_filters": 16, "temporal_filters": 8, "middle_filters": 16})", 12, 10, 3, 2},
        Case{"mobilenet", R"({"stem": 8, "filters": [12], "strides": [2]})", 24, 20, 5, 1},
        Case{"mobilenet", R"({"stem": 16, "filters": [16, 24], "strides": [2, 1], "dropout": 0.2})", 16, 12, 3, 2},
        Case{"choi-cnn", R"({"pools": [[2, 2], [2, 1], [1, 1], [1, 1], [1, 1]], "filters": [4, 6, 8, 6, 4]})", 16, 8, 4,
             1},
        Case{"choi-crnn", R"({"pools": [[1, 1], [1, 1], [1, 1], [2, 2]], "filters": [4, 8, 6, 5], "units": [7, 6]})",
             16, 8, 4, 1},
        Case{"choi-crnn",
             R"({"pools": [[1, 1], [1, 1], [1, 2], [1, 2]], "parameters": 3000, "frame_norm": false, "pad_frames": 0})",
             9, 8, 3, 2},
        Case{"k1c2", R"({"pools": [2, 2, 1, 1], "parameters": 3000})", 16, 8, 4, 1},
        Case{"k2c1", R"({"pools": [2, 2, 1, 1, 1], "parameters": 6000})", 16, 8, 4, 2}));

}  // namespace
}  // namespace earmark::training
