#include "features/decibels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace earmark {
namespace {

// 10·log10 of a positive, normal number, to about one unit in the last place of the result, in a form that compilers
// turn into vectors. x = 2^e · m with m from sqrt(1/2) to sqrt(2), and ln m = 2 artanh t with t = (m - 1) / (m + 1),
// whose series 2t·(1 + t²/3 + t⁴/5 + …) is cut where it falls under single precision: t² is at most 0.0295.
inline float ten_log10(float x) noexcept {
    constexpr std::int32_t sqrt_half = 0x3f3504f3;       // the bits of sqrt(1/2)
    constexpr float decibels_an_octave = 3.0102999566F;  // 10·log10(2)
    constexpr float decibels_a_neper = 4.3429448190F;    // 10 / ln(10)
    const auto bits = std::bit_cast<std::int32_t>(x);
    const std::int32_t exponent = (bits - sqrt_half) >> 23;
    const float m = std::bit_cast<float>(bits - (exponent << 23));
    const float t = (m - 1.0F) / (m + 1.0F);
    const float square = t * t;
    const float series = 1.0F + square * (1.0F / 3 + square * (1.0F / 5 + square * (1.0F / 7 + square * (1.0F / 9))));
    return static_cast<float>(exponent) * decibels_an_octave + 2.0F * decibels_a_neper * t * series;
}

// In this order a NaN yields `least`.
inline float at_least(float least, float x) noexcept {
    return x > least ? x : least;
}

}  // namespace

Decibels::Decibels(double reference, double amin, std::optional<double> top_db) : amin_(static_cast<float>(amin)) {
    reference_ = static_cast<float>(10.0 * std::log10(std::max(amin, reference)));
    if (top_db) top_db_ = static_cast<float>(*top_db);
}

float Decibels::floor(float maximum_power) const noexcept {
    if (!top_db_) return -std::numeric_limits<float>::infinity();
    return ten_log10(at_least(amin_, maximum_power)) - reference_ - *top_db_;
}

void Decibels::apply(const float* power, float floor, float* decibels, std::size_t count) const noexcept {
    const float amin = amin_;
    const float reference = reference_;
    for (std::size_t i = 0; i < count; ++i) {
        decibels[i] = at_least(floor, ten_log10(at_least(amin, power[i])) - reference);
    }
}

}  // namespace earmark
