#pragma once

#include <cstdint>

#include "base/aligned.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

/// In training, the gradient of the weights of a convolution of images with one channel whose kernels are not 3 × 3, as
/// products of matrices. oneDNN 2.6 reads beyond its memory where kernels are longer than the image.
class WideConvolution {
  public:
    static bool fits(const model::Layer& layer);

    explicit WideConvolution(const model::Layer& layer, std::int64_t batch);

    /// @param input            batch × rows × columns
    /// @param output_gradient  batch × filters × rows × columns
    /// @param weight           receives the gradient, filters × rows × columns of the kernel
    /// @param bias             the same, filters; or null
    void backward(const float* input, const float* output_gradient, float* weight, float* bias);

  private:
    void spread(const float* image, std::int64_t first, std::int64_t count);

    model::Layer layer_;
    std::int64_t batch_;
    std::int64_t rows_at_a_time_;
    base::AlignedVector<float> taps_;  ///< of some rows of the output: row × column × value under the kernel
};

}  // namespace earmark::inference
