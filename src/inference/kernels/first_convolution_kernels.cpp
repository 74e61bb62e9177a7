#include "inference/kernels/first_convolution_kernels.hpp"

#include <algorithm>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/first_convolution_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr std::int64_t side = 3;
constexpr std::int64_t taps = side * side;

void backward(const model::Layer& layer, FirstConvolution::Share& share, const float* input,
              const float* output_gradient) {
    const Floats d;
    const std::int64_t rows = layer.output[1];
    const std::int64_t columns = layer.output[2];
    const std::int64_t width = columns + side - 1;
    std::fill(share.image.begin(), share.image.end(), 0.0F);
    std::fill(share.sums.begin(), share.sums.end(), 0.0F);
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        for (std::int64_t row = 0; row < layer.input[1]; ++row)
            std::copy_n(input + (n * layer.input[1] + row) * layer.input[2], layer.input[2],
                        share.image.data() + (row + layer.pad_before[0]) * width + layer.pad_before[1]);
        for (std::int64_t block = 0; block < layer.output[0] / lanes; ++block) {
            float* const kept = share.sums.data() + block * taps * lanes;
            const float* from = output_gradient + (n * (layer.output[0] / lanes) + block) * rows * columns * lanes;
            V sums[taps];
            for (std::int64_t tap = 0; tap < taps; ++tap) sums[tap] = hn::Load(d, kept + tap * lanes);
            for (std::int64_t row = 0; row < rows; ++row) {
                const float* image = share.image.data() + row * width;
                for (std::int64_t column = 0; column < columns; ++column, ++image, from += lanes) {
                    const V gradient = hn::Load(d, from);
                    for (std::int64_t tap = 0; tap < taps; ++tap)
                        sums[tap] = hn::MulAdd(hn::Set(d, image[tap / side * width + tap % side]), gradient, sums[tap]);
                }
            }
            for (std::int64_t tap = 0; tap < taps; ++tap) hn::Store(sums[tap], d, kept + tap * lanes);
        }
    }
}

}  // namespace

const FirstConvolutionKernels* target_first_convolution_kernels() {
    static constexpr FirstConvolutionKernels result{lanes, backward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_first_convolution_kernels);

const FirstConvolutionKernels& first_convolution_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_first_convolution_kernels)();
}

}  // namespace earmark::inference
#endif
