#pragma once

#include <cstdint>

namespace earmark::inference {

struct ChannelScaleKernels;

/// Multiplies each channel of each image of a batch by a factor of its own, as squeeze-and-excitation does. Images lie
/// in oneDNN's blocked layout: batch × blocks of `lanes` channels × pixels × channels of a block; so do the factors, as
/// images of one pixel. oneDNN has no fast primitive for the gradients of the factors.
class ChannelScale {
  public:
    /// Channels of a block.
    static std::int64_t lanes();

    /// @param pixels  rows × columns of an image
    ChannelScale(std::int64_t batch, std::int64_t channels, std::int64_t pixels, int threads);

    void forward(const float* image, const float* factors, float* output) const;

    /// The gradients of a loss from those with respect to the output.
    void backward(const float* image, const float* factors, const float* output_gradient, float* image_gradient,
                  float* factor_gradient) const;

  private:
    const ChannelScaleKernels& kernels_;
    std::int64_t planes_;  // batch × blocks
    std::int64_t pixels_;
    int threads_;
};

}  // namespace earmark::inference
