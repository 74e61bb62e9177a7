#include "training/network/evaluation_network.hpp"

#include <algorithm>

namespace earmark::training {

EvaluationNetwork::EvaluationNetwork(TorchNetwork& trained, const std::vector<model::Layer>& layers,
                                     torch::Device device, bool cropped, double decay)
    : trained_(trained), decay_(decay) {
    if (cropped || decay > 0.0) own_ = std::make_unique<TorchNetwork>(layers, device, trained.backend());
}

void EvaluationNetwork::start() {
    if (own_) approach(1.0);
}

void EvaluationNetwork::follow(std::int64_t steps) {
    if (decay_ == 0.0) return;
    const auto n = static_cast<double>(steps);
    approach(1.0 - std::min(decay_, (1.0 + n) / (10.0 + n)));
}

TorchNetwork& EvaluationNetwork::current() {
    if (!own_) return trained_;
    if (decay_ == 0.0) approach(1.0);
    return *own_;
}

std::map<std::string, Tensor> EvaluationNetwork::average() const {
    return decay_ > 0.0 ? own_->tensors() : std::map<std::string, Tensor>{};
}

void EvaluationNetwork::load_average(const std::map<std::string, Tensor>& tensors) {
    if (decay_ > 0.0) own_->load(tensors);
}

void EvaluationNetwork::approach(double share) {
    const torch::NoGradGuard no_grad;
    const auto move = [&](torch::Tensor to, const torch::Tensor& from) {
        share == 1.0 ? to.copy_(from) : to.lerp_(from, share);
    };
    // Both lie alike in memory, since they have the same tensors.
    move(own_->parameters().values(), trained_.parameters().values());
    for (const auto& [name, buffer] : own_->buffers()) move(buffer, trained_.buffers().at(name));
}

}  // namespace earmark::training
