#include "inference/kernels/channel_scale_kernels.hpp"

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/channel_scale_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());

void forward(std::int64_t pixels, const float* HWY_RESTRICT image, const float* factors, float* HWY_RESTRICT output) {
    const Floats d;
    const V factor = hn::Load(d, factors);
    for (std::int64_t at = 0; at < pixels * lanes; at += lanes) {
        hn::Store(hn::Mul(hn::Load(d, image + at), factor), d, output + at);
    }
}

void backward(std::int64_t pixels, const float* HWY_RESTRICT image, const float* factors,
              const float* HWY_RESTRICT output_gradient, float* HWY_RESTRICT image_gradient, float* factor_gradient) {
    const Floats d;
    const V factor = hn::Load(d, factors);
    V sum = hn::Zero(d);
    for (std::int64_t at = 0; at < pixels * lanes; at += lanes) {
        const V gradient = hn::Load(d, output_gradient + at);
        hn::Store(hn::Mul(gradient, factor), d, image_gradient + at);
        sum = hn::MulAdd(gradient, hn::Load(d, image + at), sum);
    }
    hn::Store(sum, d, factor_gradient);
}

}  // namespace

const ChannelScaleKernels* target_channel_scale_kernels() {
    static constexpr ChannelScaleKernels result{lanes, forward, backward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_channel_scale_kernels);

const ChannelScaleKernels& channel_scale_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_channel_scale_kernels)();
}

}  // namespace earmark::inference
#endif
