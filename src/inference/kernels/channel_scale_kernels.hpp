#pragma once

#include <cstdint>

namespace earmark::inference {

/// The inner loops of ChannelScale, compiled for one instruction set. Each works on one block of channels of one image.
struct ChannelScaleKernels {
    std::int64_t lanes;  ///< floats in a vector
    void (*forward)(std::int64_t pixels, const float* image, const float* factors, float* output);
    void (*backward)(std::int64_t pixels, const float* image, const float* factors, const float* output_gradient,
                     float* image_gradient, float* factor_gradient);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const ChannelScaleKernels& channel_scale_kernels() noexcept;

}  // namespace earmark::inference
