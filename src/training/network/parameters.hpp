#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "model/layers.hpp"

namespace earmark::training {

/// The trained tensors of a network, side by side in one piece of memory, and their gradients likewise in another, so
/// that an optimiser passes over all of them at once.
class Parameters {
  public:
    struct Entry {
        model::Shape shape;
        std::int64_t offset = 0;  ///< in values, a multiple of 16
        bool transposed = false;  ///< a matrix whose columns lie together, not its rows
        double l2 = 0.0;          ///< weight of its square in the loss
    };

    explicit Parameters(torch::Device device) : device_(device) {}

    void add(const std::string& name, const model::Shape& shape, double l2, bool transposed = false);
    /// After the last `add`: allocates values and gradients, as zeros.
    void allocate();

    /// The tensors by name. They are leaves that require gradients, whose `grad()` lies in `gradients`.
    const std::map<std::string, torch::Tensor>& tensors() const { return tensors_; }
    const std::map<std::string, Entry>& entries() const { return entries_; }
    const torch::Tensor& values() const { return values_; }
    const torch::Tensor& gradients() const { return gradients_; }

    /// Zeros laid out like `values`.
    torch::Tensor zeros() const;

    /// What a piece of memory laid out like `values` holds for one of them, in the shape of the tensor.
    static torch::Tensor view(const torch::Tensor& all, const Entry& entry);

  private:
    torch::Device device_;
    std::int64_t size_ = 0;
    std::map<std::string, Entry> entries_;
    std::map<std::string, torch::Tensor> tensors_;
    torch::Tensor values_;
    torch::Tensor gradients_;
};

}  // namespace earmark::training
