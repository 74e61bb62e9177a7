#include "training/optimizer/adam_kernel.hpp"

#include <cmath>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizer/adam_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::training::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// To about one unit in the last place, by a step of Newton's from the processor's approximation: full square roots and
// divisions of wide vectors take longer than all the rest.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
template <class D>
HWY_INLINE hn::Vec<D> square_root(D d, hn::Vec<D> x) {
    x = hn::Max(x, hn::Set(d, 1e-37F));  // the root of zero would come from the reciprocal of zero
    const auto y = hn::ApproximateReciprocalSqrt(x);
    const auto root = hn::Mul(x, y);
    return hn::MulAdd(hn::NegMulAdd(root, root, x), hn::Mul(hn::Set(d, 0.5F), y), root);
}
template <class D>
HWY_INLINE hn::Vec<D> reciprocal(D d, hn::Vec<D> x) {
    const auto y = hn::ApproximateReciprocal(x);
    return hn::MulAdd(y, hn::NegMulAdd(x, y, hn::Set(d, 1.0F)), y);
}
#else
template <class D>
HWY_INLINE hn::Vec<D> square_root(D, hn::Vec<D> x) {
    return hn::Sqrt(x);
}
template <class D>
HWY_INLINE hn::Vec<D> reciprocal(D d, hn::Vec<D> x) {
    return hn::Div(hn::Set(d, 1.0F), x);
}
#endif

template <class D>
HWY_INLINE void step_at(D d, const AdamStep& step, std::int64_t i) {
    const auto value = hn::LoadU(d, step.value + i);
    const auto slope = hn::MulAdd(hn::Set(d, step.penalty), value, hn::LoadU(d, step.gradient + i));
    const auto first = hn::MulAdd(hn::Set(d, static_cast<float>(first_decay)), hn::LoadU(d, step.first + i),
                                  hn::Mul(hn::Set(d, static_cast<float>(1.0 - first_decay)), slope));
    const auto second = hn::MulAdd(hn::Set(d, static_cast<float>(second_decay)), hn::LoadU(d, step.second + i),
                                   hn::Mul(hn::Set(d, static_cast<float>(1.0 - second_decay)), hn::Mul(slope, slope)));
    const auto root = hn::Add(square_root(d, second), hn::Set(d, static_cast<float>(adam_epsilon)));
    hn::StoreU(first, d, step.first + i);
    hn::StoreU(second, d, step.second + i);
    const auto kept = hn::Mul(hn::Set(d, step.kept), value);
    hn::StoreU(hn::NegMulAdd(hn::Mul(hn::Set(d, step.rate), first), reciprocal(d, root), kept), d, step.value + i);
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
