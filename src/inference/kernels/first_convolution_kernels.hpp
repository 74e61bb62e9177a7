#pragma once

#include <cstdint>

#include "inference/layers/first_convolution.hpp"

namespace earmark::inference {

/// The inner loops of FirstConvolution, compiled for one instruction set.
struct FirstConvolutionKernels {
    std::int64_t lanes;  ///< floats in a vector

    /// The examples of one share: sums up the gradients of the weights in the share.
    void (*backward)(const model::Layer& layer, FirstConvolution::Share& share, const float* input,
                     const float* output_gradient);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const FirstConvolutionKernels& first_convolution_kernels() noexcept;

}  // namespace earmark::inference
