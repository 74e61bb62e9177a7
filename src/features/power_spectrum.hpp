#pragma once

#include <vector>

#include "features/real_fft.hpp"

namespace earmark {

/// The periodic Hann window: 0.5 - 0.5 · cos(2π·n / size), computed in double precision.
std::vector<float> hann_window(int size);

/// One frame of the short-time Fourier transform: window, transform, |X|².
class PowerSpectrum {
  public:
    /// @param size  samples per frame, even
    explicit PowerSpectrum(int size);

    /// Values per frame: size / 2 + 1.
    int bins() const noexcept { return static_cast<int>(window_.size()) / 2 + 1; }

    /// @param frame  as many samples as the size
    /// @param power  receives bins() values
    void compute(const float* frame, float* power) noexcept;

  private:
    std::vector<float> window_;
    RealFft fft_;
};

}  // namespace earmark
