#pragma once

#include <cstddef>
#include <optional>

#include "features/kernels.hpp"

namespace earmark::features {

/// Power to decibels: 10·log10(max(amin, power)) - 10·log10(max(amin, reference)), not under a floor.
/// Finite for every power, NaN included (which counts as silence).
class Decibels {
  public:
    Decibels(double reference, double amin, std::optional<double> top_db);

    /// The floor of a signal whose greatest power this is: top_db under its decibels; minus infinity without top_db.
    float floor(float maximum_power) const noexcept;

    /// @param decibels  receives `count` values; may be `power` itself
    void apply(const float* power, float floor, float* decibels, std::size_t count) const noexcept;

  private:
    const Kernels& kernels_;
    float amin_;
    float reference_ = 0.0F;  // decibels of the reference
    std::optional<float> top_db_;
};

}  // namespace earmark::features
