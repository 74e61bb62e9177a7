#include "features/power_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace earmark::features {

std::vector<float> hann_window(int size) {
    std::vector<float> window(static_cast<std::size_t>(size));
    for (int n = 0; n < size; ++n) {
        window[static_cast<std::size_t>(n)] =
            static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * n / size));
    }
    return window;
}

PowerSpectrum::PowerSpectrum(int size, int window, SpectrumScale scale)
    : kernels_(kernels()),
      half_(static_cast<std::size_t>(size) / 2),
      magnitude_(scale == SpectrumScale::magnitude),
      fft_(size / 2) {
    // Half the window yields half the transform, as the kernel wants it.
    for (const float value : hann_window(window)) window_.push_back(0.5F * value);
    for (int k = 1; k <= size / 4; ++k) {
        const double angle = 2.0 * std::numbers::pi * k / size;
        real_.push_back(static_cast<float>(-std::sin(angle)));
        imaginary_.push_back(static_cast<float>(-std::cos(angle)));
    }
}

void PowerSpectrum::compute(const float* frame, float* power) noexcept {
    // std::complex is an array of two floats by definition.
    auto* const samples = reinterpret_cast<float*>(fft_.input().data());
    kernels_.multiply(frame, window_.data(), window_.size(), samples);
    std::fill(samples + window_.size(), samples + 2 * half_, 0.0F);
    const auto* const transform = reinterpret_cast<const float*>(fft_.transform().data());
    kernels_.power(transform, real_.data(), imaginary_.data(), half_, power);
    if (magnitude_) kernels_.root(power, half_ + 1, power);
}

}  // namespace earmark::features
