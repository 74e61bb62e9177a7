#pragma once

#include <cmath>
#include <cstdint>

#include "base/random.hpp"

namespace earmark::training {

/// A number from 0 to below 1, with 53 random bits.
inline double uniform(base::Random& random) noexcept {
    return static_cast<double>(random.next() >> 11) * 0x1.0p-53;
}

/// A number from -reach to below reach.
inline double symmetric(base::Random& random, double reach = 1.0) noexcept {
    return reach * (2.0 * uniform(random) - 1.0);
}

/// One of 0 … most, each as likely; 0 when `most` is negative.
inline std::int64_t up_to(base::Random& random, std::int64_t most) noexcept {
    return most <= 0 ? 0 : static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most) + 1));
}

/// A share from 0 to 1 of the distribution Beta(shape, shape); shape > 0. Of two gamma variates (Marsaglia & Tsang
/// 2000), by their logarithms, since those of small shapes are too small for numbers.
double beta(base::Random& random, double shape) noexcept;

}  // namespace earmark::training
