#include "training/adam.hpp"

#include <cmath>

#include "core/throw.hpp"
#include "training/torch_network.hpp"

namespace earmark::training {

namespace {
constexpr double first_decay = 0.9;
constexpr double second_decay = 0.999;
constexpr double epsilon = 1e-7;
}  // namespace

Adam::Adam(std::map<std::string, torch::Tensor> parameters, double learning_rate) : learning_rate_(learning_rate) {
    for (auto& [name, parameter] : parameters) {
        slots_[name] = {parameter, torch::zeros_like(parameter.detach()), torch::zeros_like(parameter.detach())};
    }
}

void Adam::step() {
    const torch::NoGradGuard no_grad;
    ++steps_;
    const auto time = static_cast<double>(steps_);
    const double rate =
        learning_rate_ * std::sqrt(1.0 - std::pow(second_decay, time)) / (1.0 - std::pow(first_decay, time));
    for (auto& [name, slot] : slots_) {
        torch::Tensor gradient = slot.parameter.grad();
        if (!gradient.defined()) continue;
        slot.first.mul_(first_decay).add_(gradient, 1.0 - first_decay);
        slot.second.mul_(second_decay).addcmul_(gradient, gradient, 1.0 - second_decay);
        slot.parameter.addcdiv_(slot.first, slot.second.sqrt().add_(epsilon), -rate);
        gradient.zero_();
    }
}

std::map<std::string, Tensor> Adam::tensors() const {
    std::map<std::string, Tensor> result;
    for (const auto& [name, slot] : slots_) {
        result["first." + name] = to_file(slot.first);
        result["second." + name] = to_file(slot.second);
    }
    return result;
}

void Adam::load(const std::map<std::string, Tensor>& tensors, std::int64_t steps) {
    const torch::NoGradGuard no_grad;
    for (auto& [name, slot] : slots_) {
        const auto first = tensors.find("first." + name);
        const auto second = tensors.find("second." + name);
        if (first == tensors.end() || second == tensors.end()) {
            fail(ErrorCode::corrupt, "the optimiser's state of \"{}\" is missing.", name);
        }
        slot.first.copy_(from_file(first->second));
        slot.second.copy_(from_file(second->second));
    }
    steps_ = steps;
}

}  // namespace earmark::training
