#pragma once

#include <cstddef>
#include <vector>

namespace earmark {

/// The first coefficients of the orthonormal DCT-II:
/// y[k] = s · sum over n of x[n] · cos(π·k·(2n + 1) / (2·size)), s = sqrt(1/size) for k = 0 and sqrt(2/size) otherwise.
class Dct {
  public:
    /// @param size          input values
    /// @param coefficients  output values, at most size
    Dct(int size, int coefficients);

    /// @param input   size values
    /// @param output  receives `coefficients` values; not `input`
    void apply(const float* input, float* output) const noexcept;

  private:
    std::size_t size_;
    std::size_t coefficients_;
    std::vector<float> matrix_;  // coefficients × size
};

}  // namespace earmark
