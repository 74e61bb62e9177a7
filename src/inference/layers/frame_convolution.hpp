#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

/// A convolution over the frames of images of one column, in inference: the channels of all frames that a kernel spans
/// lie side by side, so that it is one product of matrices. oneDNN's convolutions reach a third of the speed here.
///
/// Input and output lie frame by frame: batch × frames × channels. Each of `threads` OpenMP threads takes its share of
/// the batch.
class FrameConvolution {
  public:
    static bool fits(const model::Layer& layer);

    FrameConvolution(const model::Layer& layer, std::int64_t batch, int threads);

    /// @param weight  filters × channels × frames
    /// @param bias    filters, or null
    void set_weights(const float* weight, const float* bias);

    /// Weights in the layout of the kernels, which does not depend on the batch: block of filters × (frame × channel,
    /// then bias) × filters of the block.
    using Weights = base::AlignedVector<float>;
    std::shared_ptr<Weights> weights() const { return work_.weights; }
    /// Uses those of another layer of the same kind.
    void share(std::shared_ptr<Weights> weights) { work_.weights = std::move(weights); }

    /// @param input   batch × frames × channels
    /// @param output  batch × frames × filters
    void forward(const float* input, float* output);

    /// What the kernels work on.
    struct Work {
        model::Layer layer;
        std::int64_t depth = 0;   ///< values that a kernel spans
        std::int64_t blocks = 0;  ///< of filters
        std::shared_ptr<Weights> weights;
    };
    struct Share : BatchShare {
        base::AlignedVector<float> image;  ///< one input with zeros around it
        base::AlignedVector<float> sums;   ///< frames × filters of a block
    };

  private:
    Work work_;
    std::vector<Share> shares_;
};

}  // namespace earmark::inference
