#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

struct NormalisedPoolKernels;

/// Batch norm over a batch in training, its ReLU and the max-pooling after it, in one: what follows a convolution in a
/// block of the vgg. What is normalised never is in memory as a whole, nor is its gradient; these layers do little else
/// than wait for memory.
///
///     y = max(0, scale · (x - mean) / sqrt(variance + epsilon) + shift), and of each pool the largest
///
/// with mean and variance of each channel over the batch (Ioffe & Szegedy 2015, whose equations the gradients are too).
/// Images lie in oneDNN's blocked layout: batch × blocks of `lanes` channels × rows × columns × channels of a block.
/// Each of `threads` OpenMP threads takes its share of the batch.
class NormalisedPool {
  public:
    /// Whether two layers that follow one another are of this kind: a pool that neither overlaps nor pads.
    static bool fits(const model::Layer& norm, const model::Layer& pool);
    /// Channels of a block.
    static std::int64_t lanes();

    NormalisedPool(const model::Layer& norm, const model::Layer& pool, std::int64_t batch, int threads);

    /// @param input          batch × blocks × rows × columns × lanes
    /// @param scale, shift   one value a channel
    /// @param mean, variance receive those of the batch, the latter divided by the number of values
    /// @param output         batch × blocks × pooled rows × pooled columns × lanes
    void forward(const float* input, const float* scale, const float* shift, float* mean, float* variance,
                 float* output);

    /// The gradients of a loss from those with respect to the output. After `forward`, with the same input and scale.
    void backward(const float* input, const float* scale, const float* output_gradient, float* input_gradient,
                  float* scale_gradient, float* shift_gradient);

    /// What the kernels work on.
    struct Work {
        std::int64_t batch = 0;
        std::int64_t blocks = 0;
        model::Layer pool;
        base::AlignedVector<std::uint8_t>
            winners;                            ///< of the output's layout: which value of its pool each is, or `none`
        base::AlignedVector<float> normalised;  ///< of the output's layout: (x - mean) / deviation of the winner
        base::AlignedVector<float> factors;     ///< block × four × lanes; see the kernels
        static constexpr std::uint8_t none = 255;
    };
    struct Share : BatchShare {
        base::AlignedVector<float> sums;  ///< block × two × lanes
    };

  private:
    const NormalisedPoolKernels& kernels_;
    Work work_;
    std::int64_t channels_;
    double epsilon_;
    std::vector<Share> shares_;
    std::vector<double> mean_;
    std::vector<double> deviation_;
};

}  // namespace earmark::inference
