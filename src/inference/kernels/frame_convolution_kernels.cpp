#include "inference/kernels/frame_convolution_kernels.hpp"

#include <algorithm>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/frame_convolution_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;
using Work = FrameConvolution::Work;
using Share = FrameConvolution::Share;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
// As many sums as there are registers for.
constexpr std::int64_t vectors = 2;
constexpr std::int64_t frames_at_a_time = lanes == 16 ? 12 : 6;
constexpr std::int64_t block = vectors * lanes;
constexpr std::int64_t nearest = 256;  // values whose weights stay in the nearest cache

/// Adds some of the products of a block of filters at some frames.
/// @param image    the first frame's values, each frame `width` after the one before
/// @param weights  of `count` values
HWY_INLINE void add_products(const float* HWY_RESTRICT image, std::int64_t width, const float* HWY_RESTRICT weights,
                             std::int64_t count, float* HWY_RESTRICT sums) {
    const Floats d;
    V totals[frames_at_a_time][vectors];
    for (std::int64_t i = 0; i < frames_at_a_time; ++i)
        for (std::int64_t v = 0; v < vectors; ++v) totals[i][v] = hn::Load(d, sums + i * block + v * lanes);
    for (std::int64_t k = 0; k < count; ++k, weights += block) {
        V weight[vectors];
        for (std::int64_t v = 0; v < vectors; ++v) weight[v] = hn::Load(d, weights + v * lanes);
        for (std::int64_t i = 0; i < frames_at_a_time; ++i) {
            const V x = hn::Set(d, image[i * width + k]);
            for (std::int64_t v = 0; v < vectors; ++v) totals[i][v] = hn::MulAdd(x, weight[v], totals[i][v]);
        }
    }
    for (std::int64_t i = 0; i < frames_at_a_time; ++i)
        for (std::int64_t v = 0; v < vectors; ++v) hn::Store(totals[i][v], d, sums + i * block + v * lanes);
}

void forward(const Work& work, Share& share, const float* input, float* output) {
    const model::Layer& layer = work.layer;
    const std::int64_t channels = layer.input[0];
    const std::int64_t filters = layer.output[0];
    const std::int64_t frames = layer.output[1];
    std::fill(share.image.begin(), share.image.end(), 0.0F);
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        std::copy_n(input + n * layer.input[1] * channels, layer.input[1] * channels,
                    share.image.data() + layer.pad_before[0] * channels);
        for (std::int64_t b = 0; b < work.blocks; ++b) {
            const float* const weights = work.weights->data() + b * (work.depth + 1) * block;
            float* const sums = share.sums.data();
            for (std::int64_t frame = 0; frame < frames; ++frame)
                std::copy_n(weights + work.depth * block, block, sums + frame * block);
            for (std::int64_t k = 0; k < work.depth; k += nearest)
                for (std::int64_t frame = 0; frame < frames; frame += frames_at_a_time)
                    add_products(share.image.data() + frame * channels + k, channels, weights + k * block,
                                 std::min(nearest, work.depth - k), sums + frame * block);
            const std::int64_t count = std::min(block, filters - b * block);
            for (std::int64_t frame = 0; frame < frames; ++frame) {
                float* const to = output + (n * frames + frame) * filters + b * block;
                for (std::int64_t i = 0; i < count; ++i) {
                    const float sum = sums[frame * block + i];
                    to[i] = layer.relu ? std::max(sum, 0.0F) : sum;
                }
            }
        }
    }
}

}  // namespace

const FrameConvolutionKernels* target_frame_convolution_kernels() {
    static constexpr FrameConvolutionKernels result{block, frames_at_a_time, forward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_frame_convolution_kernels);

const FrameConvolutionKernels& frame_convolution_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_frame_convolution_kernels)();
}

}  // namespace earmark::inference
#endif
