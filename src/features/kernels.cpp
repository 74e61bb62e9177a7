#include "features/kernels.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/vector_targets.hpp"
#include "earmark/features.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "features/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::features::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;

HWY_INLINE std::size_t lanes() {
    return hn::Lanes(Floats());
}

void multiply(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t count,
              float* HWY_RESTRICT result) noexcept {
    const Floats d;
    std::size_t i = 0;
    for (; i + lanes() <= count; i += lanes())
        hn::StoreU(hn::Mul(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, result + i);
    for (; i < count; ++i) result[i] = a[i] * b[i];
}

// |X[k]|² and |X[half-k]|² from Z[k], Z[half-k] and w^k / i. For vectors and for single numbers.
template <typename Value>
struct TwoPowers {
    Value forward;
    Value backward;
};
HWY_INLINE TwoPowers<V> two_powers(V ar, V ai, V br, V bi, V wr, V wi) {
    const V even_real = hn::Add(ar, br);
    const V even_imaginary = hn::Sub(ai, bi);
    const V difference_real = hn::Sub(ar, br);
    const V difference_imaginary = hn::Add(ai, bi);
    const V odd_real = hn::NegMulAdd(wi, difference_imaginary, hn::Mul(wr, difference_real));
    const V odd_imaginary = hn::MulAdd(wr, difference_imaginary, hn::Mul(wi, difference_real));
    const V forward_real = hn::Add(even_real, odd_real);
    const V forward_imaginary = hn::Add(even_imaginary, odd_imaginary);
    const V backward_real = hn::Sub(even_real, odd_real);
    const V backward_imaginary = hn::Sub(even_imaginary, odd_imaginary);
    return {hn::MulAdd(forward_real, forward_real, hn::Mul(forward_imaginary, forward_imaginary)),
            hn::MulAdd(backward_real, backward_real, hn::Mul(backward_imaginary, backward_imaginary))};
}
HWY_INLINE TwoPowers<float> two_powers(float ar, float ai, float br, float bi, float wr, float wi) {
    const float odd_real = wr * (ar - br) - wi * (ai + bi);
    const float odd_imaginary = wr * (ai + bi) + wi * (ar - br);
    const float forward_real = ar + br + odd_real;
    const float forward_imaginary = ai - bi + odd_imaginary;
    const float backward_real = ar + br - odd_real;
    const float backward_imaginary = ai - bi - odd_imaginary;
    return {forward_real * forward_real + forward_imaginary * forward_imaginary,
            backward_real * backward_real + backward_imaginary * backward_imaginary};
}

void power(const float* HWY_RESTRICT z, const float* HWY_RESTRICT real, const float* HWY_RESTRICT imaginary,
           std::size_t half, float* HWY_RESTRICT result) noexcept {
    const float first = 2.0F * (z[0] + z[1]);
    const float last = 2.0F * (z[0] - z[1]);
    result[0] = first * first;
    result[half] = last * last;
    std::size_t k = 1;
#if HWY_TARGET != HWY_SCALAR
    const Floats d;
    const std::size_t n = lanes();
    for (; k + n - 1 <= half / 2; k += n) {
        const float* const forward = z + 2 * k;
        const float* const backward = z + 2 * (half - k - n + 1);
        const V a0 = hn::LoadU(d, forward);
        const V a1 = hn::LoadU(d, forward + n);
        const V b0 = hn::LoadU(d, backward);
        const V b1 = hn::LoadU(d, backward + n);
        const auto powers = two_powers(
            hn::ConcatEven(d, a1, a0), hn::ConcatOdd(d, a1, a0), hn::Reverse(d, hn::ConcatEven(d, b1, b0)),
            hn::Reverse(d, hn::ConcatOdd(d, b1, b0)), hn::LoadU(d, real + k - 1), hn::LoadU(d, imaginary + k - 1));
        hn::StoreU(powers.forward, d, result + k);
        hn::StoreU(hn::Reverse(d, powers.backward), d, result + (half - k - n + 1));
    }
#endif
    for (; k <= half / 2; ++k) {
        const float* const a = z + 2 * k;
        const float* const b = z + 2 * (half - k);
        const auto powers = two_powers(a[0], a[1], b[0], b[1], real[k - 1], imaginary[k - 1]);
        result[k] = powers.forward;
        result[half - k] = powers.backward;
    }
}

// In this order a NaN yields `least`.
template <class Vector>
HWY_INLINE Vector at_least(Vector least, Vector x) {
    return hn::IfThenElse(hn::Gt(x, least), x, least);
}

// Frames that are not there are the first once more: that costs nothing but their time.
HWY_INLINE std::array<const float*, features::frame_group> frames_at(const float* first, std::size_t stride,
                                                                     std::size_t frames) {
    std::array<const float*, features::frame_group> at;
    for (std::size_t frame = 0; frame < features::frame_group; ++frame)
        at[frame] = first + (frame < frames ? frame * stride : 0);
    return at;
}

#if HWY_TARGET == HWY_SCALAR

void mel(const MelRow* rows, const float* weights, std::size_t bands, const float* power, std::size_t stride,
         std::size_t frames, float* result, float* maximum) noexcept {
    for (std::size_t band = 0; band < bands; ++band) {
        for (std::size_t frame = 0; frame < frames; ++frame) {
            const float* const from = power + frame * stride + rows[band].bin;
            float sum = 0.0F;
            for (std::size_t i = 0; i < rows[band].vectors; ++i) sum += weights[i] * from[i];
            result[frame * bands + band] = sum;
            if (sum > *maximum) *maximum = sum;
        }
        weights += rows[band].vectors;
    }
}

#else

// The sum of each half of the lanes, until four are left.
template <class D>
HWY_INLINE auto fold(D d, hn::Vec<D> v) {
    if constexpr (hn::MaxLanes(D()) > 4) {
        const hn::Half<D> half;
        return fold(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
    } else {
        return v;
    }
}

// Rows of mel bands are short: vectors of 16 would hold more zeros than weights.
using Eight = hn::CappedTag<float, 8>;
using V8 = hn::Vec<Eight>;
using Four = hn::CappedTag<float, 4>;
using V4 = hn::Vec<Four>;

// The sums of the lanes of four vectors.
HWY_INLINE V4 sums(V8 a, V8 b, V8 c, V8 e) {
    const Eight d;
    const hn::Repartition<std::uint64_t, Eight> pairs;
    const V8 ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
    const V8 ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
    const auto ab_pairs = hn::BitCast(pairs, ab);
    const auto ce_pairs = hn::BitCast(pairs, ce);
    return fold(d, hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab_pairs, ce_pairs)),
                           hn::BitCast(d, hn::InterleaveUpper(pairs, ab_pairs, ce_pairs))));
}

// Rows become columns.
HWY_INLINE void transpose(V4& a, V4& b, V4& c, V4& e) {
    const Four d;
    const hn::Repartition<std::uint64_t, Four> pairs;
    const auto ab_lower = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
    const auto ab_upper = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
    const auto ce_lower = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
    const auto ce_upper = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
    a = hn::BitCast(d, hn::InterleaveLower(pairs, ab_lower, ce_lower));
    b = hn::BitCast(d, hn::InterleaveUpper(pairs, ab_lower, ce_lower));
    c = hn::BitCast(d, hn::InterleaveLower(pairs, ab_upper, ce_upper));
    e = hn::BitCast(d, hn::InterleaveUpper(pairs, ab_upper, ce_upper));
}

// One band of four frames; moves on to the weights of the next.
HWY_INLINE V4 mel_band(const features::MelRow& row, const float*& weights,
                       const std::array<const float*, features::frame_group>& power) {
    const Eight d;
    const std::size_t n = hn::Lanes(d);
    V8 sum0 = hn::Zero(d);
    V8 sum1 = hn::Zero(d);
    V8 sum2 = hn::Zero(d);
    V8 sum3 = hn::Zero(d);
    const float* const end = weights + row.vectors * n;
    for (std::size_t bin = row.bin; weights != end; weights += n, bin += n) {
        const V8 weight = hn::LoadU(d, weights);
        sum0 = hn::MulAdd(weight, hn::LoadU(d, power[0] + bin), sum0);
        sum1 = hn::MulAdd(weight, hn::LoadU(d, power[1] + bin), sum1);
        sum2 = hn::MulAdd(weight, hn::LoadU(d, power[2] + bin), sum2);
        sum3 = hn::MulAdd(weight, hn::LoadU(d, power[3] + bin), sum3);
    }
    return sums(sum0, sum1, sum2, sum3);
}

void mel(const features::MelRow* HWY_RESTRICT rows, const float* weights, std::size_t bands,
         const float* HWY_RESTRICT power, std::size_t stride, std::size_t frames, float* HWY_RESTRICT result,
         float* HWY_RESTRICT maximum) noexcept {
    const Four d;
    const auto at = frames_at(power, stride, frames);
    V4 greatest = hn::Set(d, *maximum);
    std::size_t band = 0;
    for (; band + 4 <= bands; band += 4) {
        V4 a = mel_band(rows[band], weights, at);
        V4 b = mel_band(rows[band + 1], weights, at);
        V4 c = mel_band(rows[band + 2], weights, at);
        V4 e = mel_band(rows[band + 3], weights, at);
        greatest = at_least(at_least(at_least(at_least(greatest, a), b), c), e);
        transpose(a, b, c, e);
        float* const to = result + band;
        hn::StoreU(a, d, to);
        if (frames > 1) hn::StoreU(b, d, to + bands);
        if (frames > 2) hn::StoreU(c, d, to + 2 * bands);
        if (frames > 3) hn::StoreU(e, d, to + 3 * bands);
    }
    for (; band < bands; ++band) {
        const V4 values = mel_band(rows[band], weights, at);
        greatest = at_least(greatest, values);
        HWY_ALIGN float column[features::frame_group];
        hn::Store(values, d, column);
        for (std::size_t frame = 0; frame < frames; ++frame) result[frame * bands + band] = column[frame];
    }
    HWY_ALIGN float lane[4];
    hn::Store(greatest, d, lane);
    *maximum = std::max(std::max(lane[0], lane[1]), std::max(lane[2], lane[3]));
}

#endif  // HWY_TARGET == HWY_SCALAR

// A logarithm is known by that of 2, and by two of that of e.
struct Base {
    float two;
    float twice_e;
};
constexpr Base ten_log10{3.0102999566F, 8.6858896381F};  // 10·log10(2), 2 · 10 / ln(10)
constexpr Base log10_of{0.30102999566F, 0.86858896381F};
constexpr Base ln_of{0.69314718056F, 2.0F};

// The logarithm of positive, normal numbers. x = 2^e · m with m from sqrt(1/2) to sqrt(2), and ln m = 2 artanh t with
// t = (m - 1) / (m + 1), whose series 2t·(1 + t²/3 + t⁴/5 + …) is cut where it falls under single precision: t² is at
// most 0.0295.
// @param lost  what rounding took from x, where that shows: added to m - 1 where e is 0
template <typename... Lost>
HWY_INLINE V logarithm(Base base, V x, Lost... lost) {
    const Floats d;
    const hn::RebindToSigned<Floats> integers;
    const auto sqrt_half = hn::Set(integers, 0x3f3504f3);  // the bits of sqrt(1/2)
    const V one = hn::Set(d, 1.0F);
    const auto bits = hn::BitCast(integers, x);
    const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, sqrt_half));
    const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
    V beyond = hn::Sub(m, one);
    if constexpr (sizeof...(Lost) > 0) {
        const auto here = hn::RebindMask(d, hn::Eq(exponent, hn::Zero(integers)));
        beyond = hn::Add(beyond, hn::IfThenElseZero(here, lost...));
    }
    const V t = hn::Div(beyond, hn::Add(m, one));
    const V square = hn::Mul(t, t);
    V series = hn::MulAdd(square, hn::Set(d, 1.0F / 9), hn::Set(d, 1.0F / 7));
    series = hn::MulAdd(square, series, hn::Set(d, 1.0F / 5));
    series = hn::MulAdd(square, series, hn::Set(d, 1.0F / 3));
    series = hn::MulAdd(square, series, one);
    return hn::MulAdd(hn::ConvertTo(d, exponent), hn::Set(d, base.two),
                      hn::Mul(hn::Mul(hn::Set(d, base.twice_e), t), series));
}

// result[i] = compute(input[i]), vector by vector; the last one is filled up with ones. `result` may be `input`.
template <typename Compute>
HWY_INLINE void for_each(const float* input, std::size_t count, float* result, Compute compute) {
    const Floats d;
    std::size_t i = 0;
    for (; i + lanes() <= count; i += lanes()) hn::StoreU(compute(hn::LoadU(d, input + i)), d, result + i);
    if (i == count) return;
    HWY_ALIGN float rest[hn::MaxLanes(Floats())];
    std::fill_n(rest, lanes(), 1.0F);
    std::copy_n(input + i, count - i, rest);
    hn::Store(compute(hn::Load(d, rest)), d, rest);
    std::copy_n(rest, count - i, result + i);
}

void decibels(const float* input, std::size_t count, float amin, float reference, float floor, float* result) noexcept {
    const Floats d;
    const V least_power = hn::Set(d, amin);
    const V least = hn::Set(d, floor);
    const V zero = hn::Set(d, reference);
    for_each(input, count, result, [&](V power) {
        return at_least(least, hn::Sub(logarithm(ten_log10, at_least(least_power, power)), zero));
    });
}

void log10_1p(const float* input, std::size_t count, float factor, float* result) noexcept {
    const Floats d;
    const V zero = hn::Zero(d);
    const V one = hn::Set(d, 1.0F);
    const V factors = hn::Set(d, factor);
    for_each(input, count, result, [&](V value) {
        const V product = hn::Mul(at_least(zero, value), factors);
        const V sum = hn::Add(one, product);
        return logarithm(log10_of, sum, hn::Sub(product, hn::Sub(sum, one)));
    });
}

void ln_offset(const float* input, std::size_t count, float offset, float* result) noexcept {
    const Floats d;
    const V zero = hn::Zero(d);
    const V offsets = hn::Set(d, offset);
    for_each(input, count, result, [&](V value) { return logarithm(ln_of, hn::Add(at_least(zero, value), offsets)); });
}

void root(const float* input, std::size_t count, float* result) noexcept {
    for_each(input, count, result, [](V value) { return hn::Sqrt(value); });
}

// The first `count` lanes, and nothing of what lies behind them.
HWY_INLINE void store_some(V values, std::size_t count, float* to) {
    const Floats d;
    HWY_ALIGN float all[hn::MaxLanes(Floats())];
    hn::Store(values, d, all);
    std::copy_n(all, count, to);
}

struct FrameSums {
    V a, b, c, e;
};

HWY_INLINE void add_products(const float* weights, const std::array<const float*, features::frame_group>& input,
                             std::size_t n, FrameSums& sums) {
    const Floats d;
    const V weight = hn::LoadU(d, weights);
    sums.a = hn::MulAdd(weight, hn::Set(d, input[0][n]), sums.a);
    sums.b = hn::MulAdd(weight, hn::Set(d, input[1][n]), sums.b);
    sums.c = hn::MulAdd(weight, hn::Set(d, input[2][n]), sums.c);
    sums.e = hn::MulAdd(weight, hn::Set(d, input[3][n]), sums.e);
}

void dct(const float* HWY_RESTRICT matrix, std::size_t size, std::size_t width, std::size_t coefficients,
         const float* HWY_RESTRICT input, std::size_t frames, float* HWY_RESTRICT result) noexcept {
    const V zero = hn::Zero(Floats());
    const auto at = frames_at(input, size, frames);
    for (std::size_t first = 0; first < coefficients; first += lanes()) {
        // Two sums, since one waits for its last addition, and gathers more rounding.
        FrameSums even{zero, zero, zero, zero};
        FrameSums odd = even;
        const float* row = matrix + first;
        std::size_t n = 0;
        for (; n + 1 < size; n += 2, row += 2 * width) {
            add_products(row, at, n, even);
            add_products(row + width, at, n + 1, odd);
        }
        if (n < size) add_products(row, at, n, even);
        const std::size_t count = std::min(lanes(), coefficients - first);
        float* const to = result + first;
        store_some(hn::Add(even.a, odd.a), count, to);
        if (frames > 1) store_some(hn::Add(even.b, odd.b), count, to + coefficients);
        if (frames > 2) store_some(hn::Add(even.c, odd.c), count, to + 2 * coefficients);
        if (frames > 3) store_some(hn::Add(even.e, odd.e), count, to + 3 * coefficients);
    }
}

}  // namespace

const features::Kernels* target_kernels() {
    static constexpr features::Kernels result{HWY_TARGET,
                                              hn::MaxLanes(Floats()),
                                              hn::MaxLanes(hn::CappedTag<float, 8>()),
                                              multiply,
                                              power,
                                              mel,
                                              decibels,
                                              log10_1p,
                                              ln_offset,
                                              root,
                                              dct};
    return &result;
}

}  // namespace earmark::features::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::features {
namespace {

std::string_view name_of(std::int64_t target) noexcept {
    if (target == HWY_SCALAR || target == HWY_EMU128) return "generic";
#if HWY_ARCH_X86
    if (target == HWY_AVX3) return "AVX-512";
#endif
    return hwy::TargetName(target);
}

// Highway falls back to the baseline of the compiler, whether it names that as supported or not.
std::vector<std::int64_t> targets() {
    auto result = hwy::SupportedAndGeneratedTargets();
    if (std::find(result.begin(), result.end(), HWY_STATIC_TARGET) == result.end()) result.push_back(HWY_STATIC_TARGET);
    return {result.begin(), result.end()};
}

}  // namespace

HWY_EXPORT(target_kernels);

const features::Kernels& kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_kernels)();
}

std::vector<std::string_view> instruction_sets() {
    std::vector<std::string_view> names;
    for (const std::int64_t target : targets()) names.push_back(name_of(target));
    return names;
}

void use_instruction_set(std::string_view name) {
    hwy::SetSupportedTargetsForTest(0);
    std::int64_t chosen = hwy::SupportedTargets();
    for (const std::int64_t target : targets()) {
        if (name_of(target) == name) chosen = target;
    }
    hwy::SetSupportedTargetsForTest(chosen);
    hwy::GetChosenTarget().Update(chosen);
}

}  // namespace earmark::features

std::string_view earmark::instruction_set() noexcept {
    return features::name_of(features::kernels().target);
}
#endif
