#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/aligned.hpp"
#include "inference/layers/shares.hpp"
#include "model/layers.hpp"

namespace earmark::inference {

/// A convolution of images with one channel, its ReLU, batch norm with known statistics, and the largest value over all
/// coefficients that are left, in one: the front of a musicnn. Nothing as large as the convolution's output is ever in
/// memory.
///
/// Long kernels are not multiplied as they are, but their spectra, where a product stands for the whole length of the
/// kernel: spectra along the coefficients, or, where kernels have one coefficient, along the frames. Two filters at a
/// time are the real and the imaginary part of one, so that each transform back, which is complex, gives the outputs of
/// both.
///
/// The result lies frame by frame: batch × frames × filters. Each of `threads` OpenMP threads takes its share of the
/// batch.
class BandMaximum {
  public:
    /// Whether three layers that follow one another are of this kind.
    static bool fits(const model::Layer& convolution, const model::Layer& norm, const model::Layer& pool);

    BandMaximum(const model::Layer& convolution, double epsilon, std::int64_t batch, int threads);

    /// As the model file has them: of the convolution (filters × frames × coefficients; filters) and of the norm.
    struct Tensors {
        const float* weight;
        const float* bias;
        const float* scale;
        const float* shift;
        const float* mean;
        const float* variance;
    };
    void set_weights(const Tensors& tensors);

    /// Weights in the layout of the kernels, which does not depend on the batch. Filters whose norm turns them upside
    /// down are negative here: the largest value after the norm is the smallest one before it.
    struct Weights {
        /// Along the coefficients: block of two vectors of filters × frequency × frame of the kernel × (real,
        /// imaginary) × lanes. Along the frames: pair of filters × frequency × (real, imaginary). Else block of filters
        /// × frame of the kernel × filter of the block.
        base::AlignedVector<float> products;
        /// (sign, bias, scale, shift) of the filters of a vector, vector by vector.
        base::AlignedVector<float> ends;

        static constexpr std::int64_t parts = 4;
        /// The largest value of a filter through ReLU and batch norm.
        float finished(float largest, std::int64_t filter, std::int64_t lanes) const {
            const float* const end = ends.data() + filter / lanes * parts * lanes + filter % lanes;
            return std::max(end[0] * largest + end[lanes], 0.0F) * end[2 * lanes] + end[3 * lanes];
        }
    };
    std::shared_ptr<Weights> weights() const { return work_.weights; }
    /// Uses those of another layer of the same kind.
    void share(std::shared_ptr<Weights> weights) { work_.weights = std::move(weights); }

    /// @param input   batch × frames × coefficients
    /// @param output  batch × frames × filters
    void forward(const float* input, float* output);

    /// A stage of the transform back, in place: `radix` parts of `size` values each become one.
    struct Stage {
        std::int64_t radix;
        std::int64_t size;
        const float* factors;  ///< of each value of a butterfly but the first: real and imaginary part
    };

    /// What the kernels work on.
    struct Work {
        std::int64_t input_frames = 0;
        std::int64_t coefficients = 0;
        std::int64_t filters = 0;
        std::int64_t kernel_frames = 0;
        std::int64_t pad_before = 0;
        std::int64_t frames = 0;   ///< of the output
        std::int64_t outputs = 0;  ///< coefficients of the convolution's output
        std::int64_t blocks = 0;   ///< of filters, as the weights have them
        std::int64_t size = 0;     ///< of the transforms
        /// row × (real parts, imaginary parts) of size / 2 + 1 frequencies, which make a spectrum of so many rows
        base::AlignedVector<float> cosines;
        base::AlignedVector<float> factors;
        std::vector<Stage> stages;
        std::vector<std::int64_t> places;  ///< of each frequency, before the transform back
        std::shared_ptr<Weights> weights;
    };
    struct Share : BatchShare {
        base::AlignedVector<float> image;    ///< one input with zeros around it, in whole vectors
        base::AlignedVector<float> spectra;  ///< of one input
        base::AlignedVector<float> scratch;  ///< of transforms, or of maxima
        base::AlignedVector<float> maxima;   ///< along the frames: frame × two filters × lanes
    };

  private:
    enum class Way { plain, along_coefficients, along_frames };
    static Way way_of(const model::Layer& convolution);
    void prepare_transforms(std::int64_t size, std::int64_t rows);
    /// Of every filter, kernel along the axis of the transforms, and frequency k, calls `put(filter, kernel, k, real,
    /// imaginary)` with the conjugate spectrum, times i of the second filter of a pair.
    template <typename Put>
    void each_frequency(const float* weight, const std::vector<float>& signs, std::int64_t pairs_apart, Put put) const;

    Way way_;
    std::int64_t lanes_;
    std::int64_t kernel_coefficients_;
    double epsilon_;
    Work work_;
    std::vector<Share> shares_;
};

}  // namespace earmark::inference
