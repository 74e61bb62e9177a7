#pragma once

#include <vector>

#include "base/aligned.hpp"
#include "features/fft.hpp"
#include "features/kernels.hpp"

namespace earmark::features {

/// The periodic Hann window: 0.5 - 0.5 · cos(2π·n / size), computed in double precision.
std::vector<float> hann_window(int size);

/// One frame of the short-time Fourier transform: window, transform, |X|².
///
/// Pairs of real samples are transformed as complex numbers, which takes half the size, and taken apart while the power
/// is computed: FFTW's own transform of real samples takes more than twice as long.
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
    const Kernels& kernels_;
    base::AlignedVector<float> window_;
    base::AlignedVector<float> real_;
    base::AlignedVector<float> imaginary_;
    Fft fft_;
};

}  // namespace earmark::features
