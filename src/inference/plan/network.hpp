#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "earmark/model.hpp"

namespace earmark::inference {

/// The forward pass of a model on oneDNN: standardisation, layers, calibration, softmax or
/// sigmoid. Works on the calling thread
/// alone. Not thread-safe; make one a thread (weights are copied in oneDNN's layouts).
class Network {
  public:
    /// Segments that are worked on together at the most; fewer where layers are large, so that they need little memory.
    static constexpr std::int64_t largest_batch = 32;

    /// @param model  checked (see check_model); must outlive the network
    explicit Network(const Model& model);
    ~Network();
    Network(Network&&) noexcept;
    Network& operator=(Network&&) noexcept;

    /// Values of an embedding (see Prediction::embedding).
    std::int64_t embedding_size() const;

    /// @param inputs         segments × frames × coefficients, before standardisation
    /// @param probabilities  segments × labels
    /// @param embeddings     segments × embedding_size(), or empty: what the last dense layer takes, in vectors of
    ///                       length 1 (or 0); of an ensemble those of its networks, in their order, as one
    /// @throws Error bad_data when an input is not finite; internal when the network's output is not
    void forward(std::span<const float> inputs, std::span<float> probabilities, std::span<float> embeddings = {});
    /// As `forward`, without calibration and activation.
    void logits(std::span<const float> inputs, std::span<float> logits);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark::inference
