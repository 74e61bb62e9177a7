// Times training steps (forward, loss, backward, Adam) of one network on one batch, for scripts/bench. Weights, inputs
// and labels come from .npy files, so that other programs can take the very same steps, or are random; dropout is off
// if not asked for.
//
// Usage: benchmark-training-step --network NAME (--data FOLDER | --random BATCH FRAMES COEFFICIENTS)
//            [--network-options JSON] [--backend onednn|aten] [--threads N] [--steps N]
//            [--precision single|mixed|both]
// FOLDER holds inputs.npy (batch × frames × coefficients), labels.npy (batch) and NAME.npy for each trained tensor.
// Prints JSON: seconds of each step, and the losses of the first ten as "check". With --precision both, steps of single
// and of mixed precision take turns, and what is printed are the median seconds of each and their ratio.

#include <fmt/format.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "earmark/error.hpp"
#include "earmark/version.hpp"
#include "formats/npy.hpp"
#include "model/network_spec.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/adam.hpp"

namespace {

namespace fs = std::filesystem;
using namespace earmark;
using namespace earmark::model;
using namespace earmark::training;

constexpr std::int64_t genres = 10;
constexpr int checked_steps = 10;

torch::Tensor read(const fs::path& file) {
    formats::NpyReader reader(file);
    torch::Tensor tensor = torch::empty(reader.shape());
    reader.read({tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())});
    return tensor;
}

/// A network being trained on one batch.
class Training {
  public:
    Training(const std::vector<Layer>& layers, training::Backend backend, inference::Precision precision,
             double learning_rate)
        : network_(layers, torch::kCPU, backend, precision) {
        torch::manual_seed(1);
        network_.initialise();  // running statistics, too
        adam_.emplace(network_.parameters(), learning_rate);
    }

    training::TorchNetwork& network() { return network_; }
    const std::vector<double>& losses() const { return losses_; }

    void step(const torch::Tensor& inputs, const torch::Tensor& labels) {
        const auto begin = std::chrono::steady_clock::now();
        const torch::Tensor loss = torch::cross_entropy_loss(network_.forward(inputs, true), labels);
        loss.backward();
        adam_->step();
        seconds_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        if (losses_.size() < checked_steps) losses_.push_back(loss.item<double>());
    }

    /// Of each step but the first, in which plans are made.
    std::vector<double> seconds() const {
        return {seconds_.begin() + std::min<std::ptrdiff_t>(3, std::ssize(seconds_) - 1), seconds_.end()};
    }

    double median_seconds() const {
        std::vector<double> sorted = seconds();
        std::ranges::sort(sorted);
        return sorted[sorted.size() / 2];
    }

  private:
    training::TorchNetwork network_;
    std::optional<training::Adam> adam_;
    std::vector<double> seconds_;
    std::vector<double> losses_;
};

int run(int argc, char** argv) {
    CLI::App app("Times training steps of one network.");
    std::string network_name;
    fs::path data;
    std::string backend = "onednn";
    std::string precision = "single";
    int threads = 1;
    int steps = 40;
    double learning_rate = 1e-4;
    std::string options = R"({"dropout": 0.0})";
    std::vector<std::int64_t> random;
    app.add_option("--network", network_name, "mlp, cnn, lstm, vgg, resnet, crnn or summary")->required();
    app.add_option("--network-options", options, "JSON object")->capture_default_str();
    CLI::Option* folder = app.add_option("--data", data, "Folder of .npy files");
    app.add_option("--random", random, "Batch, frames and coefficients of random inputs instead")
        ->expected(3)
        ->excludes(folder)
        ->check(CLI::PositiveNumber);
    app.add_option("--backend", backend, "onednn or aten")->check(CLI::IsMember({"onednn", "aten"}));
    app.add_option("--precision", precision, "single, mixed, or both in turn")
        ->check(CLI::IsMember({"single", "mixed", "both"}));
    app.add_option("--threads", threads)->check(CLI::PositiveNumber);
    app.add_option("--steps", steps, "At least 10")->check(CLI::Range(checked_steps, 1000000));
    app.add_option("--learning-rate", learning_rate);
    CLI11_PARSE(app, argc, argv);
    torch::set_num_threads(threads);

    torch::manual_seed(1);
    const torch::Tensor inputs = random.empty() ? read(data / "inputs.npy") : torch::randn(random);
    const torch::Tensor labels = random.empty() ? read(data / "labels.npy").to(torch::kInt64)
                                                : torch::arange(inputs.size(0), torch::kInt64).remainder(genres);
    const std::vector<Layer> layers =
        NetworkSpec::parse({network_name, options}, "test").build_layers(inputs.size(1), inputs.size(2), genres, "it");
    if (precision == "both") {
        Training single(layers, training::Backend::onednn, inference::Precision::single, learning_rate);
        Training mixed(layers, training::Backend::onednn, inference::Precision::mixed, learning_rate);
        for (int step = 0; step < steps; ++step) {
            single.step(inputs, labels);
            mixed.step(inputs, labels);
        }
        fmt::print("{}\n", nlohmann::json{{"single_seconds", single.median_seconds()},
                                          {"mixed_seconds", mixed.median_seconds()},
                                          {"ratio", single.median_seconds() / mixed.median_seconds()}}
                               .dump());
        return 0;
    }
    Training training(layers, backend == "aten" ? training::Backend::aten : training::Backend::onednn,
                      precision == "mixed" ? inference::Precision::mixed : inference::Precision::single, learning_rate);
    if (random.empty()) {
        const torch::NoGradGuard no_grad;
        for (const auto& [name, tensor] : training.network().parameters().tensors()) {
            torch::Tensor(tensor.detach()).copy_(read(data / (name + ".npy")));
        }
    }
    for (int step = 0; step < steps; ++step) training.step(inputs, labels);
    fmt::print("{}\n", nlohmann::json{{"seconds", training.seconds()},
                                      {"check", training.losses()},
                                      {"version", "earmark " + std::string(version()) + ", libtorch " TORCH_VERSION}}
                           .dump());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "benchmark-training-step: {}\n", error.what());
        return 1;
    }
}
