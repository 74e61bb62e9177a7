#include "features/power_spectrum.hpp"

#include <cmath>
#include <numbers>

namespace earmark {

std::vector<float> hann_window(int size) {
    std::vector<float> window(static_cast<std::size_t>(size));
    for (int n = 0; n < size; ++n) {
        window[static_cast<std::size_t>(n)] =
            static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * n / size));
    }
    return window;
}

PowerSpectrum::PowerSpectrum(int size) : window_(hann_window(size)), fft_(size) {}

void PowerSpectrum::compute(const float* frame, float* power) noexcept {
    const std::size_t size = window_.size();
    const float* window = window_.data();
    float* input = fft_.input().data();
    for (std::size_t n = 0; n < size; ++n) input[n] = frame[n] * window[n];

    // std::complex is an array of two floats by definition; as such the loop becomes vectors.
    const auto* parts = reinterpret_cast<const float*>(fft_.transform().data());
    const std::size_t count = size / 2 + 1;
    for (std::size_t k = 0; k < count; ++k) {
        const float real = parts[2 * k];
        const float imaginary = parts[2 * k + 1];
        power[k] = real * real + imaginary * imaginary;
    }
}

}  // namespace earmark
