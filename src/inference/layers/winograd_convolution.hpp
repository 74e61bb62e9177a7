#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

struct WinogradConvolutionKernels;

/// A 3×3 convolution by the minimal filtering F(4×4, 3×3) (Winograd 1980; Lavin and Gray, "Fast algorithms for
/// convolutional neural networks", CVPR 2016): tiles of 4×4 results take 36 products a pair of channels instead of 144.
/// For processors on which oneDNN has it not, which are those without AVX-512.
///
///     Y = Aᵀ [ Σ over channels (G w Gᵀ) ⊙ (Bᵀ x B) ] A
///
/// with x the 6×6 inputs of a tile. The gradients are its adjoint: with D = A dY Aᵀ, those of the weights are
/// Gᵀ [ Σ over tiles (Bᵀ x B) ⊙ D ] G, and B [ Σ over filters (G w Gᵀ) ⊙ D ] Bᵀ is what a tile adds to those of its
/// inputs. Results differ from those of the direct way in rounding, by some 1e-6 of the largest.
///
/// Images lie in oneDNN's blocked layout: batch × blocks of `lanes` channels × rows × columns × channels of a block.
/// Each of `threads` OpenMP threads takes its share of the batch.
class WinogradConvolution {
  public:
    /// Whether a layer is of this kind: its channels and filters fill blocks, and there are enough of both that the
    /// transforms pay.
    static bool fits(const model::Layer& layer);
    /// Channels of a block.
    static std::int64_t lanes();

    /// @param training  keeps what `backward` needs
    WinogradConvolution(const model::Layer& layer, std::int64_t batch, bool training, int threads);

    /// @param weight  filters × channels × 3 × 3, row-major
    /// @param bias    filters, or null
    void set_weights(const float* weight, const float* bias);

    /// Weights in the layouts of the kernels, which do not depend on the batch.
    struct Weights {
        base::AlignedVector<float> values;      ///< G w Gᵀ: point × channel × filter
        base::AlignedVector<float> transposed;  ///< point × filter × channel; in training
        base::AlignedVector<float> bias;        ///< filters
    };
    std::shared_ptr<Weights> weights() const { return work_.weights; }
    /// Uses those of another convolution of the same layer.
    void share(std::shared_ptr<Weights> weights) { work_.weights = std::move(weights); }

    /// Floats that `forward` and `backward` need for the tiles at hand, on a border of 64 bytes.
    std::int64_t tile_values() const;

    /// @param input   blocked, of the layer's input
    /// @param output  blocked, of the layer's output, after its ReLU if it has one
    /// @param tiles   tile_values(), in which nothing stays
    void forward(const float* input, float* output, float* tiles);

    /// The gradients of a loss from those with respect to the output before ReLU. With the weights of `set_weights`.
    /// @param output_gradient  blocked
    /// @param input_gradient   blocked, receives the gradient; null if it is not wanted
    /// @param weight, bias     receive the gradients; `bias` may be null
    void backward(const float* input, const float* output_gradient, float* input_gradient, float* weight, float* bias,
                  float* tiles);

    /// What the kernels work on.
    struct Work {
        static constexpr std::int64_t side = 6;  ///< of the inputs of a tile
        static constexpr std::int64_t points = side * side;
        static constexpr std::int64_t step = 4;  ///< from tile to tile
        model::Layer layer;
        std::int64_t channels = 0;
        std::int64_t filters = 0;
        std::int64_t tile_rows = 0;  ///< tiles of an image
        std::int64_t tile_columns = 0;
        std::int64_t group = 0;  ///< tiles that are worked on at a time
        std::shared_ptr<Weights> weights;
    };
    struct Share : BatchShare {
        float* inputs = nullptr;          ///< point × tile of the group × channel
        float* outputs = nullptr;         ///< point × tile of the group × filter
        base::AlignedVector<float> sums;  ///< gradients: point × channel × filter
        base::AlignedVector<float> bias;  ///< gradients: filters
    };

  private:
    /// Gives each share its part of `tiles`.
    void divide(float* tiles);

    const WinogradConvolutionKernels& kernels_;
    Work work_;
    std::vector<Share> shares_;
};

}  // namespace earmark::inference
