#pragma once

#include <cstdint>

#include "inference/layers/pooled_convolution.hpp"

namespace earmark::inference {

/// The inner loops of PooledConvolution, compiled for one instruction set.
struct PooledConvolutionKernels {
    std::int64_t lanes;  ///< floats in a vector
    /// `winners` are kept if there is room for them.
    void (*forward)(PooledConvolution::Work& work, PooledConvolution::Share& share, const float* input, float* output);
    /// Leaves the sums over the share's examples in it.
    void (*backward)(const PooledConvolution::Work& work, PooledConvolution::Share& share, const float* input,
                     const float* output_gradient);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const PooledConvolutionKernels& pooled_convolution_kernels() noexcept;

}  // namespace earmark::inference
