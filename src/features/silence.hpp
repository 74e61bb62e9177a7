#pragma once

#include <cmath>

namespace earmark::features {

/// Whether a sample reaches 2^-15, the smallest step of 16-bit audio. So does what is not a number.
inline bool is_sound(float sample) {
    return !(std::abs(sample) < 1.0F / 32768.0F);
}

}  // namespace earmark::features
