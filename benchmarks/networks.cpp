// Speed of the networks on oneDNN and our LSTM, without libtorch: inference by batch size, and the forward and backward
// pass of a training step for a batch of 32. Weights are made up; one thread.

#include <benchmark/benchmark.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "inference/layers/lstm.hpp"
#include "inference/plan/plan_builder.hpp"
#include "model/network_spec.hpp"

namespace {

using namespace earmark;
using namespace earmark::inference;
using namespace earmark::model;

struct Tensors {
    std::map<std::string, std::vector<float>> values;
    std::map<std::string, std::vector<float>> gradients;

    explicit Tensors(const std::vector<model::Layer>& layers) {
        std::mt19937 random(1);
        std::uniform_real_distribution<float> uniform(0.01F, 0.1F);
        for (const Layer& layer : layers) {
            for (const TensorSpec& spec : tensor_specs(layer)) {
                std::vector<float>& all = values[spec.name];
                all.resize(static_cast<std::size_t>(element_count(spec.shape)));
                for (float& value : all) value = uniform(random);
                gradients[spec.name].resize(all.size());
            }
        }
    }

    PlanTensors pointers() {
        return {[this](const std::string& name) { return values.at(name).data(); },
                [this](const std::string& name) { return gradients.at(name).data(); }};
    }
};

/// Frames and coefficients of its usual input.
std::pair<std::int64_t, std::int64_t> input_of(const std::string& network) {
    if (network == "vgg" || network == "resnet") return {77, 128};
    if (network == "musicnn") return {187, 96};
    if (network == "mobilenet") return {96, 64};
    return {259, 13};
}

void network(benchmark::State& state, const std::string& name, PlanMode mode) {
    const onednn::Threads single(1);
    const auto [frames, coefficients] = input_of(name);
    const std::vector<model::Layer> layers =
        model::NetworkSpec::parse({name, "{}"}, "benchmark").build_layers(frames, coefficients, 10, "benchmark");
    Tensors tensors(layers);
    const std::int64_t batch = state.range(0);
    inference::Plan plan = PlanBuilder(layers, batch, tensors.pointers(), {.mode = mode}).build();
    const std::int64_t values = batch * model::element_count(layers.front().input);
    std::fill_n(plan.input(), values, 0.5F);
    for (const Plan::Dropout& dropout : plan.dropouts()) std::fill_n(dropout.factors, dropout.count, 1.0F);
    for (auto _ : state) {
        std::fill_n(plan.input(), values, 0.5F);
        plan.forward();
        if (mode != PlanMode::training) continue;
        std::fill_n(plan.output_gradient(), batch * plan.classes(), 0.01F);
        plan.backward();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * batch);
}

/// One layer of 64 units. "flops" is the arithmetic of its matrix products: two operations for a weight and a value.
void lstm_layer(benchmark::State& state, bool training) {
    const Lstm::Sizes sizes{32, 259, 64, 64};
    inference::Lstm layer(sizes, training, 1);
    const std::vector<float> weights(4 * 64 * 64, 0.02F);
    layer.set_weights(weights.data(), weights.data(), weights.data());
    const std::vector<float> input(static_cast<std::size_t>(sizes.batch * sizes.frames * sizes.width), 0.5F);
    std::vector<float> states(input.size());
    std::vector<float> gradients(input.size());
    std::vector<float> weight_gradients[3] = {weights, weights, weights};
    for (auto _ : state) {
        layer.forward(input.data(), states.data());
        if (!training) continue;
        layer.backward(input.data(), states.data(),
                       {.states = states.data(),
                        .input = gradients.data(),
                        .input_weight = weight_gradients[0].data(),
                        .recurrent_weight = weight_gradients[1].data(),
                        .bias = weight_gradients[2].data()});
    }
    const double products = static_cast<double>(sizes.batch * sizes.frames) * 4.0 * 64.0 * (64.0 + 64.0);
    state.counters["flops"] =
        benchmark::Counter((training ? 3.0 : 1.0) * 2.0 * products, benchmark::Counter::kIsIterationInvariantRate);
}

void register_all() {
    for (const std::string name : {"mlp", "cnn", "lstm", "vgg", "resnet", "crnn", "summary", "musicnn", "mobilenet"}) {
        const auto add = [&](const char* what, PlanMode mode) {
            return benchmark::RegisterBenchmark((name + what).c_str(),
                                                [name, mode](benchmark::State& state) { network(state, name, mode); })
                ->Unit(benchmark::kMillisecond);
        };
        add("/inference", PlanMode::inference)->Arg(1)->Arg(5)->Arg(32);
        add("/training", PlanMode::training)->Arg(32);
    }
}

const bool registered = (register_all(), true);

BENCHMARK_CAPTURE(lstm_layer, forward, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(lstm_layer, forward_and_backward, true)->Unit(benchmark::kMillisecond);

}  // namespace
