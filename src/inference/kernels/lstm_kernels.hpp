#pragma once

#include <cstddef>

#include "inference/layers/lstm.hpp"

namespace earmark::inference {

/// The inner loops of Lstm, compiled for one instruction set.
struct LstmKernels {
    std::size_t lanes;  ///< floats in a vector
    /// The examples of one share, forward. `work` belongs to all shares.
    void (*forward)(Lstm::Work& work, const Lstm::Share& share, const float* input, float* states);
    /// And backward: leaves the sums over the share's examples in it.
    void (*backward)(const Lstm::Work& work, Lstm::Share& share, const float* input, const float* states,
                     const Lstm::Gradients& gradients);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const LstmKernels& lstm_kernels() noexcept;

}  // namespace earmark::inference
