#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

/// The gradient of the weights of a 3×3 convolution without bias of images with one channel, which a network that analyzes
/// one spectrogram begins with. oneDNN pads the channel to a vector for it, where it has anything fast at all.
///
/// Gradients of the output lie in oneDNN's blocked layout: batch × blocks of `lanes` filters × rows × columns × filters
/// of a block. Each of `threads` OpenMP threads takes its share of the batch.
class FirstConvolution {
  public:
    /// Whether a layer is of this kind, and its filters fill blocks.
    static bool fits(const model::Layer& layer);
    /// Filters of a block.
    static std::int64_t lanes();

    FirstConvolution(const model::Layer& layer, std::int64_t batch, int threads);

    /// @param input            batch × rows × columns
    /// @param output_gradient  blocked, before ReLU
    /// @param weight           receives the gradient: filters × 3 × 3, row-major
    void backward(const float* input, const float* output_gradient, float* weight);

    /// What the kernels work on.
    struct Share : BatchShare {
        base::AlignedVector<float> image;  ///< one of the input, with the zeros around it
        base::AlignedVector<float> sums;   ///< gradients: block × tap × lanes
    };

  private:
    model::Layer layer_;
    std::vector<Share> shares_;
};

}  // namespace earmark::inference
