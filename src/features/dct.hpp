#pragma once

#include <cstddef>

#include "base/aligned.hpp"
#include "features/kernels.hpp"

namespace earmark::features {

/// The first coefficients of the orthonormal DCT-II:
/// y[k] = s · sum over n of x[n] · cos(π·k·(2n + 1) / (2·size)), s = sqrt(1/size) for k = 0 and sqrt(2/size) otherwise.
class Dct {
  public:
    /// @param size          input values
    /// @param coefficients  output values, at most size
    Dct(int size, int coefficients);

    /// @param input   `frames` times size values
    /// @param frames  at most frame_group
    /// @param output  receives `frames` times `coefficients` values; not `input`
    void apply(const float* input, std::size_t frames, float* output) const noexcept;

  private:
    const Kernels& kernels_;
    std::size_t size_;
    std::size_t coefficients_;
    std::size_t width_;                  // coefficients_ and zeros that fill up the last vector
    base::AlignedVector<float> matrix_;  // size × width
};

}  // namespace earmark::features
