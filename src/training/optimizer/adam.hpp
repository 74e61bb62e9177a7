#pragma once

#include "earmark/model.hpp"
#include "training/network/parameters.hpp"

namespace earmark::training {

/// Adam (Kingma & Ba 2015) in the form of Keras, whose epsilon is the "epsilon hat" of the paper's section 2:
/// w -= rate · sqrt(1 - b2^t) / (1 - b1^t) · m / (sqrt(v) + epsilon), with b1 = 0.9, b2 = 0.999, epsilon = 1e-7.
/// The gradient of the L2 penalty, 2 · l2 · w, is added to those given. Before the step, matrices and kernels (tensors
/// of two dimensions and more, so no biases and no batch norm) shrink by w -= rate · decay · w, which gradient and
/// moments do not see: AdamW (Loshchilov & Hutter 2019, with the learning rate in the product, as PyTorch and Keras
/// have it). On the CPU all happens in one pass.
class Adam {
  public:
    /// @param parameters  must outlive the optimiser
    Adam(const Parameters& parameters, double learning_rate, double weight_decay = 0.0);

    /// One step along the gradients, at `factor` times the learning rate.
    void step(double factor = 1.0);

    /// The moments, as "first.NAME" and "second.NAME", for a checkpoint.
    std::map<std::string, Tensor> tensors() const;
    std::int64_t steps() const { return steps_; }
    void load(const std::map<std::string, Tensor>& tensors, std::int64_t steps);

  private:
    const Parameters& parameters_;
    torch::Tensor first_;
    torch::Tensor second_;
    double learning_rate_;
    double weight_decay_;
    std::int64_t steps_ = 0;
};

}  // namespace earmark::training
