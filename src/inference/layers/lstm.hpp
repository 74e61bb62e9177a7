#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"

namespace earmark::inference {

struct LstmKernels;

/// A layer of long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000, as in
/// Keras and libtorch), forward and backward through time, for a batch of sequences:
///
///     i, f, o = sigmoid(W·x[t] + R·h[t-1] + b)    g = tanh(W·x[t] + R·h[t-1] + b)
///     c[t] = f·c[t-1] + i·g                        h[t] = o·tanh(c[t])                with h[-1] = c[-1] = 0
///
/// Gates stand in the order i, f, g, o. Sequences lie batch × frames × values. The sequences of a batch do not depend
/// on one another, so each of `threads` OpenMP threads takes its share of them.
///
/// The products of a step, and what follows them, are done while their results are in registers. oneDNN's primitive,
/// which stood here before, writes the gates to memory between its matrix products: a training step took 1.4 times as
/// long (docs/internals/performance.md).
class Lstm {
  public:
    struct Sizes {
        std::int64_t batch = 1;
        std::int64_t frames = 1;
        std::int64_t width = 1;  ///< values of a frame of the input
        std::int64_t units = 1;
    };

    /// @param training  keeps what `backward` needs
    Lstm(const Sizes& sizes, bool training, int threads);

    /// Takes over the weights: W (4·units, width), R (4·units, units), b (4·units), row-major.
    void set_weights(const float* input_weight, const float* recurrent_weight, const float* bias);

    /// Weights in the layouts of the kernels, which do not depend on the batch.
    struct Weights {
        base::AlignedVector<float> values;      ///< block × (width + units) × 4 gates × lanes
        base::AlignedVector<float> bias;        ///< block × 4 gates × lanes
        base::AlignedVector<float> input_back;  ///< for d input: tile of 4 vectors × columns × 4 lanes; in training
        base::AlignedVector<float> state_back;  ///< for d h: the same
    };
    std::shared_ptr<Weights> weights() const { return work_.weights; }
    /// Uses those of another layer of the same width and units.
    void share(std::shared_ptr<Weights> weights) { work_.weights = std::move(weights); }

    /// @param input   batch × frames × width
    /// @param states  batch × frames × units, h
    void forward(const float* input, float* states);

    /// The gradients of a loss from those with respect to the states. After `forward`, with the same input and states.
    struct Gradients {
        const float* states = nullptr;  ///< batch × frames × units, or batch × units if only the last state was used
        bool last_state_only = false;
        float* input = nullptr;  ///< batch × frames × width; may be null
        float* input_weight = nullptr;
        float* recurrent_weight = nullptr;
        float* bias = nullptr;
    };
    void backward(const float* input, const float* states, const Gradients& gradients);

    /// What the kernels work on; its layouts are theirs.
    struct Work {
        Sizes sizes;
        bool training = false;
        std::int64_t blocks = 0;   // vectors of units, the last one filled up with zeros
        std::int64_t columns = 0;  // gate values of an example: blocks × 4 gates × lanes
        std::shared_ptr<Weights> weights;
        base::AlignedVector<float> gates;  // training: frames × batch × columns, after their activation
        base::AlignedVector<float> cells;  // frames × batch × blocks × lanes; not in training: of one frame
    };

    /// What one thread needs for its examples.
    struct Share : BatchShare {
        std::int64_t frames_a_pass = 1;              // whose gate gradients are kept until they are multiplied
        base::AlignedVector<float> gate_gradients;   // block × frames_a_pass × count × 4 gates × lanes
        base::AlignedVector<float> state_gradients;  // count × tiles
        base::AlignedVector<float> cell_gradients;   // count × blocks × lanes
        base::AlignedVector<float> weight_sums;      // block × (width + units) × 4 gates × lanes
        base::AlignedVector<float> bias_sums;        // columns
    };

  private:
    /// use(row of the weights, block, place in a block's tile) for each gate of each unit.
    template <typename Use>
    void for_each_column(Use use) const;

    const LstmKernels& kernels_;
    Work work_;
    std::vector<Share> shares_;
};

}  // namespace earmark::inference
