#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "earmark/model.hpp"

namespace earmark {

/// The forward pass of a model on oneDNN: standardisation, layers, calibration, softmax. Works on the calling thread
/// alone. Not thread-safe; make one a thread (weights are copied in oneDNN's layouts).
class Network {
  public:
    /// Segments that are worked on together at the most.
    static constexpr std::int64_t largest_batch = 32;

    /// @param model  checked (see check_model); must outlive the network
    explicit Network(const Model& model);
    ~Network();
    Network(Network&&) noexcept;
    Network& operator=(Network&&) noexcept;

    /// @param inputs         segments × frames × coefficients, before standardisation
    /// @param probabilities  segments × labels
    /// @throws Error bad_data when an input is not finite; internal when the network's output is not
    void forward(std::span<const float> inputs, std::span<float> probabilities);
    /// As `forward`, without calibration and softmax.
    void logits(std::span<const float> inputs, std::span<float> logits);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark
