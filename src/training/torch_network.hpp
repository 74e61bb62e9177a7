#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "model/layers.hpp"

namespace earmark::training {

/// A network on libtorch, built from the same layers as inference. Tensors have the names and shapes of the model file.
class TorchNetwork {
  public:
    /// Allocates the tensors on `device`, as zeros.
    TorchNetwork(std::vector<Layer> layers, torch::Device device);

    /// Fills the tensors with Keras' defaults: Glorot uniform kernels, orthogonal recurrent kernels, zero biases with 1
    /// for the forget gate, unit batch norm. Draws from libtorch's default generator.
    void initialise();

    /// Logits (batch × classes) of standardised inputs (batch × frames × coefficients). In training, dropout is applied
    /// and batch norm uses and updates the statistics of the batch.
    torch::Tensor forward(torch::Tensor inputs, bool training);

    /// The squared kernels' share of the loss (Keras' kernel_regularizer): sum over dense layers of l2 · |W|².
    /// A tensor without dimensions; 0 if no layer asks for it.
    torch::Tensor penalty() const;
    bool has_penalty() const;

    /// Trained tensors, in the order of their names.
    const std::map<std::string, torch::Tensor>& parameters() const { return parameters_; }

    /// Copies of all tensors, running statistics included, for a model file.
    std::map<std::string, Tensor> tensors() const;
    /// Overwrites all tensors. @throws Error corrupt when one is missing or of another shape
    void load(const std::map<std::string, Tensor>& tensors);

  private:
    const torch::Tensor& tensor(const Layer& layer, const char* name) const;
    std::map<std::string, torch::Tensor> all() const;

    std::vector<Layer> layers_;
    torch::Device device_;
    std::map<std::string, torch::Tensor> parameters_;
    std::map<std::string, torch::Tensor> buffers_;  // running statistics
};

/// A libtorch tensor as it stands in a model file, and back.
Tensor to_file(const torch::Tensor& tensor);
torch::Tensor from_file(const Tensor& tensor);

}  // namespace earmark::training
