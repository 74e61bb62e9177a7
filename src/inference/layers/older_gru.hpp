#pragma once

#include <cstdint>

#include "base/aligned.hpp"

namespace earmark::inference {

/// Gated recurrent units as Cho et al. 2014 and Keras 1 have them: the reset gate acts before the product with the
/// state, and gates are clipped lines,
///
///     z, r = clip(0.2 (W x[t] + b + R h[t-1]) + 0.5, 0, 1)    g = tanh(W x[t] + b + R (r h[t-1]))
///     h[t] = z h[t-1] + (1 - z) g    with h[-1] = 0.
///
/// Weights lie as in the model file, gates in the order update z, reset r, candidate g.
class OlderGru {
  public:
    struct Sizes {
        std::int64_t batch;
        std::int64_t frames;
        std::int64_t width;  ///< values of a frame
        std::int64_t units;
    };
    struct Weights {
        const float* input;      ///< 3 units × width
        const float* recurrent;  ///< 3 units × units
        const float* bias;       ///< 3 units
    };
    struct Gradients {
        float* input_weight;
        float* recurrent_weight;
        float* bias;
    };

    explicit OlderGru(const Sizes& sizes);

    /// @param input   batch × frames × width
    /// @param states  batch × frames × units
    void forward(const Weights& weights, const float* input, float* states);

    /// The gradients of a loss from those with respect to the output. After `forward`, with the same input and states.
    /// @param output_gradient  of all states, or, if `last_only`, of the last one: batch × units
    /// @param input_gradient   null: not wanted
    void backward(const Weights& weights, const float* input, const float* states, const float* output_gradient,
                  bool last_only, float* input_gradient, const Gradients& gradients);

  private:
    Sizes sizes_;
    base::AlignedVector<float> gates_;           ///< batch × frames × (z, r, g)
    base::AlignedVector<float> reset_;           ///< batch × frames × units: r h[t-1]
    base::AlignedVector<float> gate_gradients_;  ///< as the gates
    base::AlignedVector<float> state_gradient_;  ///< batch × units, of the state before
    base::AlignedVector<float> reset_gradient_;  ///< batch × units
};

}  // namespace earmark::inference
