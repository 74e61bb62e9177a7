#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "earmark/tensor.hpp"
#include "inference/plan/plan.hpp"
#include "training/choices.hpp"
#include "training/network/parameters.hpp"

namespace earmark::training {

/// A network in libtorch, built from the same layers as inference. Tensors have the names and shapes of the model file.
class TorchNetwork {
  public:
    /// Allocates the tensors on `device`, as zeros.
    /// @param precision  of training with oneDNN
    TorchNetwork(std::vector<model::Layer> layers, torch::Device device, Backend backend = Backend::onednn,
                 inference::Precision precision = inference::Precision::single);

    /// Fills the tensors with Keras' defaults: Glorot uniform kernels, orthogonal recurrent kernels, zero biases with 1
    /// for the forget gate, unit batch norm. Draws from libtorch's default generator.
    void initialise();

    /// Logits (batch × classes) of standardised inputs (batch × frames × coefficients). In training, dropout is applied
    /// and batch norm uses and updates the statistics of the batch; the gradients of the step before are cleared, and
    /// `backward` on what is made of the logits computes those of the parameters, once, before the next forward pass.
    torch::Tensor forward(const torch::Tensor& inputs, bool training);

    /// The squared kernels' share of the loss (Keras' kernel_regularizer): sum over dense layers of l2 · |W|²; 0 if no
    /// layer asks for it. Its gradient is the optimiser's affair.
    double penalty() const;

    const Parameters& parameters() const { return parameters_; }
    /// Running means and variances, by name.
    const std::map<std::string, torch::Tensor>& buffers() const { return buffers_; }
    /// What is used, which on CUDA is always aten.
    Backend backend() const { return backend_; }

    /// Copies of all tensors, running statistics included, for a model file.
    std::map<std::string, Tensor> tensors() const;
    /// Overwrites all tensors. @throws Error corrupt when one is missing or of another shape
    void load(const std::map<std::string, Tensor>& tensors);
    /// Overwrites those tensors of which there is one with the same name and shape. @return the names of the others
    std::vector<std::string> adopt(const std::map<std::string, Tensor>& tensors);

  private:
    torch::Tensor forward_aten(const torch::Tensor& inputs, bool training) const;
    /// The states of a gated recurrent unit as in Keras 1, or the last one.
    torch::Tensor older_gru(const model::Layer& layer, const torch::Tensor& x) const;
    torch::Tensor forward_onednn(const torch::Tensor& inputs, bool training);
    inference::Plan& plan(std::int64_t batch, inference::PlanMode mode);
    const torch::Tensor& tensor(const model::Layer& layer, const char* name) const;
    std::map<std::string, torch::Tensor> all() const;

    std::vector<model::Layer> layers_;
    torch::Device device_;
    Backend backend_;
    inference::Precision precision_;
    Parameters parameters_;
    std::map<std::string, torch::Tensor> buffers_;  // running statistics
    std::map<std::tuple<std::int64_t, inference::PlanMode, int>, std::unique_ptr<inference::Plan>>
        plans_;  // by batch, mode and threads
};

/// A libtorch tensor as it stands in a model file, and back.
Tensor to_file(const torch::Tensor& tensor);
torch::Tensor from_file(const Tensor& tensor);

}  // namespace earmark::training
