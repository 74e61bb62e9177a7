#pragma once

#include <cstdint>

#include "inference/layers/normalised_pool.hpp"

namespace earmark::inference {

/// The inner loops of NormalisedPool, compiled for one instruction set. Each works on the examples of one share.
struct NormalisedPoolKernels {
    std::int64_t lanes;  ///< floats in a vector

    /// Of one block of channels in one example: the mean of its values, and the sum of their squared distances from it.
    /// @param sums  two × lanes
    void (*moments)(const NormalisedPool::Work& work, const float* plane, float* sums);

    /// Factors, four a block: mean, 1 / deviation, scale, shift.
    void (*forward)(NormalisedPool::Work& work, const NormalisedPool::Share& share, const float* input, float* output);

    /// Adds up what the gradients of shift and scale are made of.
    void (*sum_up)(const NormalisedPool::Work& work, NormalisedPool::Share& share, const float* output_gradient);

    /// input gradient = f0 · (gradient of the normalised value) + f1 + f2 · x, factors being f0, f1, f2 of each block.
    void (*backward)(const NormalisedPool::Work& work, const NormalisedPool::Share& share, const float* input,
                     const float* output_gradient, float* input_gradient);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const NormalisedPoolKernels& normalised_pool_kernels() noexcept;

}  // namespace earmark::inference
