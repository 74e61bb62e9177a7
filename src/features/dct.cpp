#include "features/dct.hpp"

#include <cmath>
#include <numbers>

#include "features/dot.hpp"

namespace earmark {

Dct::Dct(int size, int coefficients)
    : size_(static_cast<std::size_t>(size)), coefficients_(static_cast<std::size_t>(coefficients)) {
    matrix_.reserve(size_ * coefficients_);
    for (int k = 0; k < coefficients; ++k) {
        const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / size);
        for (int n = 0; n < size; ++n) {
            matrix_.push_back(static_cast<float>(scale * std::cos(std::numbers::pi * k * (2 * n + 1) / (2.0 * size))));
        }
    }
}

void Dct::apply(const float* input, float* output) const noexcept {
    for (std::size_t k = 0; k < coefficients_; ++k) output[k] = dot(matrix_.data() + k * size_, input, size_);
}

}  // namespace earmark
