#pragma once

#include <array>
#include <cstddef>

namespace earmark {

/// The sum of a[i] · b[i]. Eight partial sums, since compilers may not reorder one sum to make vectors of it.
inline float dot(const float* a, const float* b, std::size_t count) noexcept {
    constexpr std::size_t lanes = 8;
    std::array<float, lanes> sums{};
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
    }
    float rest = 0.0F;
    for (; i < count; ++i) rest += a[i] * b[i];
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])) + rest;
}

}  // namespace earmark
