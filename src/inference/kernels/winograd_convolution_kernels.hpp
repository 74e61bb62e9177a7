#pragma once

#include <cstdint>

#include "inference/layers/winograd_convolution.hpp"

namespace earmark::inference {

/// The inner loops of WinogradConvolution, compiled for one instruction set.
struct WinogradConvolutionKernels {
    std::int64_t lanes;  ///< floats in a vector

    /// G w Gᵀ into the weights of `work`, and into the transposed ones if there is room for them.
    void (*transform_weights)(WinogradConvolution::Work& work, const float* weight);

    /// The examples of one share.
    void (*forward)(const WinogradConvolution::Work& work, WinogradConvolution::Share& share, const float* input,
                    float* output);

    /// The examples of one share: sums up the gradients of transformed weights and of the bias in the share.
    void (*backward)(const WinogradConvolution::Work& work, WinogradConvolution::Share& share, const float* input,
                     const float* output_gradient, float* input_gradient);

    /// Gᵀ u G, from sums as in a share to row-major gradients.
    void (*transform_gradients)(const WinogradConvolution::Work& work, const float* sums, float* weight);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const WinogradConvolutionKernels& winograd_convolution_kernels() noexcept;

}  // namespace earmark::inference
