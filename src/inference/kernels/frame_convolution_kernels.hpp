#pragma once

#include <cstdint>

#include "inference/layers/frame_convolution.hpp"

namespace earmark::inference {

/// The inner loop of FrameConvolution, compiled for one instruction set.
struct FrameConvolutionKernels {
    std::int64_t filters;  ///< of a block
    std::int64_t frames;   ///< that are worked on at a time
    void (*forward)(const FrameConvolution::Work& work, FrameConvolution::Share& share, const float* input,
                    float* output);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const FrameConvolutionKernels& frame_convolution_kernels() noexcept;

}  // namespace earmark::inference
