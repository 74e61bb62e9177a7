#pragma once

#include <memory>

#include "training/network/torch_network.hpp"

namespace earmark::training {

/// The network that is judged after each epoch and kept: that which is trained, or one beside it, for whole segments
/// where training sees crops, and with exponential moving averages of all tensors where these are asked for:
/// average += (1 - d) · (trained - average) after step n, with d = min(decay, (1 + n) / (10 + n)), so that the first
/// steps, which are far from the end, are soon forgotten. Running statistics are averaged like weights.
class EvaluationNetwork {
  public:
    /// @param trained  must outlive this, at the same place
    /// @param layers   for whole segments
    /// @param cropped  whether `trained` is for other inputs than these
    /// @param decay    of the average; 0: none
    EvaluationNetwork(TorchNetwork& trained, const std::vector<model::Layer>& layers, torch::Device device,
                      bool cropped, double decay);

    /// To be called when the trained network is initialised.
    void start();
    /// To be called after each step.
    /// @param steps  taken so far, this one included
    void follow(std::int64_t steps);
    /// The network, up to date.
    TorchNetwork& current();

    /// What a checkpoint needs beside the trained network; empty without an average.
    std::map<std::string, Tensor> average() const;
    /// @throws Error corrupt
    void load_average(const std::map<std::string, Tensor>& tensors);

  private:
    void approach(double share);

    TorchNetwork& trained_;
    double decay_;
    std::unique_ptr<TorchNetwork> own_;  // none when the trained one serves
};

}  // namespace earmark::training
