#include "baselines/gaussian.hpp"

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"

namespace earmark::baselines {

namespace {

constexpr double smallest_pivot = 1e-9;  // of the mean variance
constexpr double first_addition = 1e-6;  // of the mean variance
constexpr double growth_of_addition = 10.0;

/// The lower triangle L of a square matrix's decomposition L·Lᵀ, in place.
/// @return false when a pivot is below `smallest`
bool decompose(std::vector<double>& matrix, std::size_t width, double smallest) {
    for (std::size_t column = 0; column < width; ++column) {
        double pivot = matrix[column * width + column];
        for (std::size_t k = 0; k < column; ++k) pivot -= matrix[column * width + k] * matrix[column * width + k];
        if (!(pivot > smallest)) return false;
        const double root = std::sqrt(pivot);
        matrix[column * width + column] = root;
        for (std::size_t row = column + 1; row < width; ++row) {
            double value = matrix[row * width + column];
            for (std::size_t k = 0; k < column; ++k) value -= matrix[row * width + k] * matrix[column * width + k];
            matrix[row * width + column] = value / root;
        }
    }
    return true;
}

/// (L·Lᵀ)⁻¹, packed, with what is off the diagonal doubled.
std::vector<double> packed_inverse(const std::vector<double>& lower, std::size_t width) {
    std::vector<double> inverse(width * width, 0.0);  // of L
    for (std::size_t column = 0; column < width; ++column) {
        for (std::size_t row = column; row < width; ++row) {
            double value = row == column ? 1.0 : 0.0;
            for (std::size_t k = column; k < row; ++k) value -= lower[row * width + k] * inverse[k * width + column];
            inverse[row * width + column] = value / lower[row * width + row];
        }
    }
    std::vector<double> result;
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = i; j < width; ++j) {
            double sum = 0.0;
            for (std::size_t k = j; k < width; ++k) sum += inverse[k * width + i] * inverse[k * width + j];
            result.push_back(i == j ? sum : 2.0 * sum);
        }
    }
    return result;
}

std::vector<double> square(const std::vector<double>& packed, std::size_t width) {
    std::vector<double> result(width * width);
    std::size_t place = 0;
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = i; j < width; ++j) result[i * width + j] = result[j * width + i] = packed[place++];
    }
    return result;
}

/// Adds to the diagonal of the covariance until it has an inverse, which is set.
void invert(Gaussian& gaussian) {
    const std::size_t width = gaussian.mean.size();
    std::vector<double> matrix = square(gaussian.covariance, width);
    const auto diagonal = [&](auto use) {
        std::size_t place = 0;
        for (std::size_t i = 0; i < width; place += width - i++) use(gaussian.covariance[place]);
    };
    double variance = 0.0;
    diagonal([&](double value) { variance += value / static_cast<double>(width); });
    if (!(variance > 0.0)) variance = 1.0;
    double addition = first_addition * variance;
    while (!decompose(matrix, width, smallest_pivot * variance)) {
        diagonal([&](double& value) { value += addition; });
        matrix = square(gaussian.covariance, width);
        addition *= growth_of_addition;
    }
    gaussian.precision = packed_inverse(matrix, width);
}

}  // namespace

Gaussian gaussian_of(std::span<const float> frames, std::size_t width) {
    const std::size_t count = width == 0 ? 0 : frames.size() / width;
    if (count == 0) base::fail(ErrorCode::bad_data, "there are no frames to take mean and covariance of.");
    Gaussian result;
    result.mean.assign(width, 0.0);
    for (std::size_t i = 0; i < count * width; ++i) {
        result.mean[i % width] += static_cast<double>(frames[i]) / static_cast<double>(count);
    }
    result.covariance.assign(width * (width + 1) / 2, 0.0);
    std::vector<double> difference(width);
    for (std::size_t frame = 0; frame < count; ++frame) {
        for (std::size_t i = 0; i < width; ++i) {
            difference[i] = static_cast<double>(frames[frame * width + i]) - result.mean[i];
        }
        double* sum = result.covariance.data();
        for (std::size_t i = 0; i < width; ++i) {
            for (std::size_t j = i; j < width; ++j) *sum++ += difference[i] * difference[j];
        }
    }
    for (double& value : result.covariance) value /= static_cast<double>(count);
    invert(result);
    return result;
}

double divergence(const Gaussian& p, const Gaussian& q) {
    const std::size_t width = p.mean.size();
    double sum = 0.0;
    std::size_t place = 0;
    for (std::size_t i = 0; i < width; ++i) {
        const double here = p.mean[i] - q.mean[i];
        double row = 0.0;
        for (std::size_t j = i; j < width; ++j, ++place) {
            const double both = here * (p.mean[j] - q.mean[j]);
            row +=
                q.precision[place] * (p.covariance[place] + both) + p.precision[place] * (q.covariance[place] + both);
        }
        sum += row;
    }
    return 0.5 * sum - static_cast<double>(width);
}

}  // namespace earmark::baselines
