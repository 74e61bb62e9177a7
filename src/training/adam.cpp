#include "training/adam.hpp"

#include <ATen/Parallel.h>

#include <cmath>

#include "core/throw.hpp"
#include "training/torch_network.hpp"

// The same loop compiled for several instruction sets, of which the program takes the best at its start.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EARMARK_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EARMARK_VECTORS
#endif

namespace earmark::training {

namespace {

constexpr double first_decay = 0.9;
constexpr double second_decay = 0.999;
constexpr double epsilon = 1e-7;
constexpr std::int64_t values_a_thread = 1 << 15;  // fewer are not worth another thread

EARMARK_VECTORS
void step_on_cpu(float* __restrict value, const float* __restrict gradient, float* __restrict first,
                 float* __restrict second, std::int64_t begin, std::int64_t end, float rate, float penalty) {
    constexpr auto old_first = static_cast<float>(first_decay);
    constexpr auto new_first = static_cast<float>(1.0 - first_decay);
    constexpr auto old_second = static_cast<float>(second_decay);
    constexpr auto new_second = static_cast<float>(1.0 - second_decay);
    constexpr auto least = static_cast<float>(epsilon);
    for (std::int64_t i = begin; i < end; ++i) {
        const float slope = gradient[i] + penalty * value[i];
        const float m = old_first * first[i] + new_first * slope;
        const float v = old_second * second[i] + new_second * slope * slope;
        first[i] = m;
        second[i] = v;
        value[i] -= rate * m / (std::sqrt(v) + least);
    }
}

}  // namespace

Adam::Adam(const Parameters& parameters, double learning_rate)
    : parameters_(parameters),
      first_(torch::zeros_like(parameters.values())),
      second_(torch::zeros_like(parameters.values())),
      learning_rate_(learning_rate) {}

void Adam::step() {
    const torch::NoGradGuard no_grad;
    ++steps_;
    const auto time = static_cast<double>(steps_);
    const double rate =
        learning_rate_ * std::sqrt(1.0 - std::pow(second_decay, time)) / (1.0 - std::pow(first_decay, time));
    const torch::Tensor& values = parameters_.values();
    const torch::Tensor& gradients = parameters_.gradients();
    if (values.is_cpu()) {
        float* value = values.data_ptr<float>();
        const float* gradient = gradients.data_ptr<float>();
        float* first = first_.data_ptr<float>();
        float* second = second_.data_ptr<float>();
        for (const auto& [name, entry] : parameters_.entries()) {
            const auto penalty = static_cast<float>(2.0 * entry.l2);
            at::parallel_for(entry.offset, entry.offset + element_count(entry.shape), values_a_thread,
                             [&](std::int64_t begin, std::int64_t end) {
                                 step_on_cpu(value, gradient, first, second, begin, end, static_cast<float>(rate),
                                             penalty);
                             });
        }
        return;
    }
    for (const auto& [name, entry] : parameters_.entries()) {
        if (entry.l2 > 0.0) {
            Parameters::view(gradients, entry).add_(Parameters::view(values, entry), 2.0 * entry.l2);
        }
    }
    first_.mul_(first_decay).add_(gradients, 1.0 - first_decay);
    second_.mul_(second_decay).addcmul_(gradients, gradients, 1.0 - second_decay);
    torch::Tensor(values).addcdiv_(first_, second_.sqrt().add_(epsilon), -rate);
}

std::map<std::string, Tensor> Adam::tensors() const {
    std::map<std::string, Tensor> result;
    for (const auto& [name, entry] : parameters_.entries()) {
        result["first." + name] = to_file(Parameters::view(first_, entry));
        result["second." + name] = to_file(Parameters::view(second_, entry));
    }
    return result;
}

void Adam::load(const std::map<std::string, Tensor>& tensors, std::int64_t steps) {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, entry] : parameters_.entries()) {
        const auto first = tensors.find("first." + name);
        const auto second = tensors.find("second." + name);
        if (first == tensors.end() || second == tensors.end()) {
            fail(ErrorCode::corrupt, "the optimiser's state of \"{}\" is missing.", name);
        }
        Parameters::view(first_, entry).copy_(from_file(first->second));
        Parameters::view(second_, entry).copy_(from_file(second->second));
    }
    steps_ = steps;
}

}  // namespace earmark::training
