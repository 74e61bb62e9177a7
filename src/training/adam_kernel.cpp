#include "training/adam_kernel.hpp"

#include <cmath>

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#define HWY_DISABLED_TARGETS (HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/adam_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::training::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE void step_at(D d, const AdamStep& step, std::int64_t i) {
    const auto value = hn::LoadU(d, step.value + i);
    const auto slope = hn::MulAdd(hn::Set(d, step.penalty), value, hn::LoadU(d, step.gradient + i));
    const auto first = hn::MulAdd(hn::Set(d, static_cast<float>(first_decay)), hn::LoadU(d, step.first + i),
                                  hn::Mul(hn::Set(d, static_cast<float>(1.0 - first_decay)), slope));
    const auto second = hn::MulAdd(hn::Set(d, static_cast<float>(second_decay)), hn::LoadU(d, step.second + i),
                                   hn::Mul(hn::Set(d, static_cast<float>(1.0 - second_decay)), hn::Mul(slope, slope)));
    const auto root = hn::Add(hn::Sqrt(second), hn::Set(d, static_cast<float>(adam_epsilon)));
    hn::StoreU(first, d, step.first + i);
    hn::StoreU(second, d, step.second + i);
    hn::StoreU(hn::Sub(value, hn::Div(hn::Mul(hn::Set(d, step.rate), first), root)), d, step.value + i);
}

}  // namespace

void step_all(const AdamStep& step) {
    const hn::ScalableTag<float> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t i = 0;
    for (; i + lanes <= step.count; i += lanes) step_at(d, step, i);
    for (; i < step.count; ++i) step_at(hn::CappedTag<float, 1>(), step, i);
}

}  // namespace earmark::training::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::training {

HWY_EXPORT(step_all);

void run(const AdamStep& step) {
    HWY_DYNAMIC_DISPATCH(step_all)(step);
}

}  // namespace earmark::training
#endif
