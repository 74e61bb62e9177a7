#include "training/optimizer/adam.hpp"

#include <ATen/Parallel.h>

#include <cmath>

#include "base/throw.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/adam_kernel.hpp"

namespace earmark::training {

namespace {

constexpr std::int64_t values_a_thread = 1 << 15;  // fewer are not worth another thread

}  // namespace

Adam::Adam(const Parameters& parameters, double learning_rate, double weight_decay)
    : parameters_(parameters),
      first_(parameters.zeros()),
      second_(parameters.zeros()),
      learning_rate_(learning_rate),
      weight_decay_(weight_decay) {}

void Adam::step(double factor) {
    const torch::NoGradGuard no_grad;
    ++steps_;
    const auto time = static_cast<double>(steps_);
    const double plain_rate = factor * learning_rate_;
    const double rate =
        plain_rate * std::sqrt(1.0 - std::pow(second_decay, time)) / (1.0 - std::pow(first_decay, time));
    const auto kept_of = [&](const Parameters::Entry& entry) {
        return entry.shape.size() >= 2 ? 1.0 - plain_rate * weight_decay_ : 1.0;
    };
    const torch::Tensor& values = parameters_.values();
    const torch::Tensor& gradients = parameters_.gradients();
    if (values.is_cpu()) {
        float* value = values.data_ptr<float>();
        const float* gradient = gradients.data_ptr<float>();
        float* first = first_.data_ptr<float>();
        float* second = second_.data_ptr<float>();
        for (const auto& [name, entry] : parameters_.entries()) {
            const auto penalty = static_cast<float>(2.0 * entry.l2);
            const auto kept = static_cast<float>(kept_of(entry));
            at::parallel_for(entry.offset, entry.offset + model::element_count(entry.shape), values_a_thread,
                             [&](std::int64_t begin, std::int64_t end) {
                                 run({value + begin, gradient + begin, first + begin, second + begin, end - begin,
                                      static_cast<float>(rate), penalty, kept});
                             });
        }
        return;
    }
    for (const auto& [name, entry] : parameters_.entries()) {
        if (entry.l2 > 0.0) {
            Parameters::view(gradients, entry).add_(Parameters::view(values, entry), 2.0 * entry.l2);
        }
        if (weight_decay_ > 0.0) Parameters::view(values, entry).mul_(kept_of(entry));
    }
    first_.mul_(first_decay).add_(gradients, 1.0 - first_decay);
    second_.mul_(second_decay).addcmul_(gradients, gradients, 1.0 - second_decay);
    torch::Tensor(values).addcdiv_(first_, second_.sqrt().add_(adam_epsilon), -rate);
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
            base::fail(ErrorCode::corrupt, "the optimiser's state of \"{}\" is missing.", name);
        }
        Parameters::view(first_, entry).copy_(from_file(first->second));
        Parameters::view(second_, entry).copy_(from_file(second->second));
    }
    steps_ = steps;
}

}  // namespace earmark::training
