#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "earmark/model.hpp"

namespace earmark::training {

/// Adam (Kingma & Ba 2015) in the form of Keras, whose epsilon is the "epsilon hat" of the paper's section 2:
/// w -= rate · sqrt(1 - b2^t) / (1 - b1^t) · m / (sqrt(v) + epsilon), with b1 = 0.9, b2 = 0.999, epsilon = 1e-7.
class Adam {
  public:
    Adam(std::map<std::string, torch::Tensor> parameters, double learning_rate);

    /// One step along the gradients, which are cleared.
    void step();

    /// The moments, as "first.NAME" and "second.NAME", for a checkpoint.
    std::map<std::string, Tensor> tensors() const;
    std::int64_t steps() const { return steps_; }
    void load(const std::map<std::string, Tensor>& tensors, std::int64_t steps);

  private:
    struct Slot {
        torch::Tensor parameter;
        torch::Tensor first;
        torch::Tensor second;
    };
    std::map<std::string, Slot> slots_;
    double learning_rate_;
    std::int64_t steps_ = 0;
};

}  // namespace earmark::training
