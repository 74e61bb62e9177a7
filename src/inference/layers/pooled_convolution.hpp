#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

struct PooledConvolutionKernels;

/// A convolution of images with one channel, its ReLU and the max-pooling after it, in one: what a network that analyzes
/// one spectrogram begins with. The convolution's output, many times larger than its input and what the pool leaves of
/// it, never is in memory as a whole, neither forward nor backward; its rows live in the nearest cache.
///
/// The result lies in oneDNN's blocked layout: batch × blocks of `lanes` filters × rows × columns × filters of a block,
/// with zeros where a block is not full. Each of `threads` OpenMP threads takes its share of the batch.
class PooledConvolution {
  public:
    /// Whether two layers that follow one another are of this kind, and this processor's vectors suit oneDNN's layouts.
    static bool fits(const model::Layer& convolution, const model::Layer& pool);
    /// Filters of a block: 8 or 16.
    static std::int64_t lanes();

    /// @param training  keeps what `backward` needs
    PooledConvolution(const model::Layer& convolution, const model::Layer& pool, std::int64_t batch, bool training,
                      int threads);

    /// @param weight  filters × 3 × 3, row-major
    /// @param bias    filters
    void set_weights(const float* weight, const float* bias);

    /// Weights in the layout of the kernels, which does not depend on the batch: block × (tap, then bias) × lanes.
    using Weights = base::AlignedVector<float>;
    std::shared_ptr<Weights> weights() const { return work_.weights; }
    /// Uses those of another layer of the same kind.
    void share(std::shared_ptr<Weights> weights) { work_.weights = std::move(weights); }

    /// @param input   batch × rows × columns
    /// @param output  blocked, as said above
    void forward(const float* input, float* output);

    /// The gradients of a loss from those with respect to the output. After `forward`, with the same input.
    /// @param output_gradient  blocked
    /// @param weight, bias     receive the gradients
    void backward(const float* input, const float* output_gradient, float* weight, float* bias);

    /// What the kernels work on.
    struct Work {
        static constexpr std::int64_t taps = 9;
        std::int64_t rows = 0;  ///< of the input
        std::int64_t columns = 0;
        std::int64_t blocks = 0;
        model::Layer pool;
        std::shared_ptr<Weights> weights;
        base::AlignedVector<std::uint8_t>
            winners;  ///< of the output's layout: which value of its pool each is, or `none`
        static constexpr std::uint8_t none = 255;
    };
    struct Share : BatchShare {
        base::AlignedVector<float> lines;  ///< as many rows of the convolution as a pool is high
        base::AlignedVector<float> sums;   ///< gradients: block × (tap, then bias) × lanes
    };

  private:
    const PooledConvolutionKernels& kernels_;
    Work work_;
    std::int64_t filters_;
    std::vector<Share> shares_;
};

}  // namespace earmark::inference
