#pragma once

#include <vector>

#include "base/aligned.hpp"
#include "earmark/features.hpp"
#include "features/fft.hpp"
#include "features/kernels.hpp"

namespace earmark::features {

/// The periodic Hann window: 0.5 - 0.5 · cos(2π·n / size), computed in double precision.
std::vector<float> hann_window(int size);

/// One frame of the short-time Fourier transform: window, transform, |X|² or |X|.
///
/// Pairs of real samples are transformed as complex numbers, which takes half the size, and taken apart while the power
/// is computed: FFTW's own transform of real samples takes more than twice as long.
class PowerSpectrum {
  public:
    /// @param size    samples of the transform, even
    /// @param window  samples of a frame, at most `size`: zeros follow them
    PowerSpectrum(int size, int window, SpectrumScale scale);
    /// Powers of frames as long as the transform.
    explicit PowerSpectrum(int size) : PowerSpectrum(size, size, SpectrumScale::power) {}

    /// Values per frame: size / 2 + 1.
    int bins() const noexcept { return static_cast<int>(half_) + 1; }

    /// @param frame  as many samples as the window
    /// @param power  receives bins() values
    void compute(const float* frame, float* power) noexcept;

  private:
    const Kernels& kernels_;
    std::size_t half_;  // of the transform's size
    bool magnitude_;
    base::AlignedVector<float> window_;
    base::AlignedVector<float> real_;
    base::AlignedVector<float> imaginary_;
    Fft fft_;
};

}  // namespace earmark::features
