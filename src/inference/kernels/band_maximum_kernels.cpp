#include "inference/kernels/band_maximum_kernels.hpp"

#include <algorithm>
#include <limits>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/band_maximum_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;
using Work = BandMaximum::Work;
using Share = BandMaximum::Share;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr float lowest = -std::numeric_limits<float>::infinity();

// As many sums as there are registers for.
constexpr std::int64_t filters_at_a_time = 4;
constexpr std::int64_t frames_at_a_time = lanes == 16 ? 6 : 3;

/// The input with zeros around it; whole vectors of coefficients, of which those that are too many repeat the first.
void surround(const Work& work, Share& share, const float* HWY_RESTRICT input, std::int64_t width) {
    std::fill(share.image.begin(), share.image.end(), 0.0F);
    for (std::int64_t frame = 0; frame < work.input_frames; ++frame) {
        const float* const from = input + frame * work.coefficients;
        float* const to = share.image.data() + (frame + work.pad_before) * width;
        std::copy_n(from, work.coefficients, to);
        std::fill(to + work.coefficients, to + width, from[0]);
    }
}

/// The largest values of a block of filters over one vector of coefficients, for some frames.
/// @param begin, end  frames of the kernel
HWY_INLINE void multiply_vector(const float* HWY_RESTRICT image, std::int64_t width, const float* HWY_RESTRICT weights,
                                std::int64_t begin, std::int64_t end, float* HWY_RESTRICT largest) {
    const Floats d;
    V sums[frames_at_a_time][filters_at_a_time];
    for (auto& row : sums)
        for (V& sum : row) sum = hn::Zero(d);
    for (std::int64_t frame = begin; frame < end; ++frame) {
        V x[frames_at_a_time];
        for (std::int64_t i = 0; i < frames_at_a_time; ++i) x[i] = hn::Load(d, image + (frame + i) * width);
        for (std::int64_t f = 0; f < filters_at_a_time; ++f) {
            const V weight = hn::Set(d, weights[frame * filters_at_a_time + f]);
            for (std::int64_t i = 0; i < frames_at_a_time; ++i) sums[i][f] = hn::MulAdd(x[i], weight, sums[i][f]);
        }
    }
    for (std::int64_t i = 0; i < frames_at_a_time; ++i)
        for (std::int64_t f = 0; f < filters_at_a_time; ++f, largest += lanes)
            hn::Store(hn::Max(sums[i][f], hn::Load(d, largest)), d, largest);
}

void forward(const Work& work, Share& share, const float* input, float* output) {
    const Floats d;
    const std::int64_t width = (work.coefficients + lanes - 1) / lanes * lanes;
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        surround(work, share, input + n * work.input_frames * work.coefficients, width);
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            const float* const weights = work.weights->products.data() + block * work.kernel_frames * filters_at_a_time;
            for (std::int64_t frame = 0; frame < work.frames; frame += frames_at_a_time) {
                // Frames of the kernel that meet nothing but the zeros are left out.
                const std::int64_t begin =
                    std::clamp<std::int64_t>(work.pad_before - frame - frames_at_a_time + 1, 0, work.kernel_frames);
                const std::int64_t end =
                    std::clamp<std::int64_t>(work.input_frames + work.pad_before - frame, begin, work.kernel_frames);
                std::fill(share.scratch.begin(), share.scratch.end(), lowest);
                for (std::int64_t at = 0; at < width; at += lanes)
                    multiply_vector(share.image.data() + frame * width + at, width, weights, begin, end,
                                    share.scratch.data());
                const std::int64_t count = std::min(frames_at_a_time, work.frames - frame);
                const std::int64_t filters = std::min(filters_at_a_time, work.filters - block * filters_at_a_time);
                for (std::int64_t i = 0; i < count; ++i)
                    for (std::int64_t f = 0; f < filters; ++f) {
                        const std::int64_t filter = block * filters_at_a_time + f;
                        const float* const maxima = share.scratch.data() + (i * filters_at_a_time + f) * lanes;
                        output[(n * work.frames + frame + i) * work.filters + filter] =
                            work.weights->finished(hn::GetLane(hn::MaxOfLanes(d, hn::Load(d, maxima))), filter, lanes);
                    }
            }
        }
    }
}

}  // namespace

const BandMaximumKernels* target_band_maximum_kernels() {
    static constexpr BandMaximumKernels result{lanes, filters_at_a_time, frames_at_a_time, forward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_band_maximum_kernels);

const BandMaximumKernels& band_maximum_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_band_maximum_kernels)();
}

}  // namespace earmark::inference
#endif
