#include "features/dct.hpp"

#include <cmath>
#include <numbers>

namespace earmark::features {

Dct::Dct(int size, int coefficients)
    : kernels_(kernels()),
      size_(static_cast<std::size_t>(size)),
      coefficients_(static_cast<std::size_t>(coefficients)),
      width_((coefficients_ + kernels_.lanes - 1) / kernels_.lanes * kernels_.lanes),
      matrix_(size_ * width_) {
    for (std::size_t n = 0; n < size_; ++n) {
        for (std::size_t k = 0; k < coefficients_; ++k) {
            const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / size);
            const auto angle = static_cast<double>(k * (2 * n + 1)) / (2.0 * size);
            matrix_[n * width_ + k] = static_cast<float>(scale * std::cos(std::numbers::pi * angle));
        }
    }
}

void Dct::apply(const float* input, std::size_t frames, float* output) const noexcept {
    kernels_.dct(matrix_.data(), size_, width_, coefficients_, input, frames, output);
}

}  // namespace earmark::features
