#include "features/decibels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace earmark::features {
namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

}  // namespace

Decibels::Decibels(double reference, double amin, std::optional<double> top_db)
    : kernels_(kernels()),
      amin_(static_cast<float>(amin)),
      reference_(static_cast<float>(10.0 * std::log10(std::max(amin, reference)))) {
    if (top_db) top_db_ = static_cast<float>(*top_db);
}

float Decibels::floor(float maximum_power) const noexcept {
    if (!top_db_) return lowest;
    float decibels = 0.0F;
    apply(&maximum_power, lowest, &decibels, 1);
    return decibels - *top_db_;
}

void Decibels::apply(const float* power, float floor, float* decibels, std::size_t count) const noexcept {
    kernels_.decibels(power, count, amin_, reference_, floor, decibels);
}

}  // namespace earmark::features
