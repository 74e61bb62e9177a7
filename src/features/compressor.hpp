#pragma once

#include <cstddef>

#include "earmark/features.hpp"
#include "features/decibels.hpp"
#include "features/kernels.hpp"

namespace earmark::features {

/// What becomes of mel bands before they are shown or transformed: decibels, log10(1 + c · x) or ln(x + c).
/// Finite for every value, NaN included.
class Compressor {
  public:
    /// @param options  valid ones
    explicit Compressor(const FeatureOptions& options);

    /// The floor of a signal whose greatest power this is: see Decibels::floor. The other compressions have none.
    float floor(float maximum_power) const noexcept;

    /// @param floor   of decibels; not looked at for the other compressions
    /// @param result  receives `count` values; may be `mel` itself
    void apply(const float* mel, float floor, float* result, std::size_t count) const noexcept;

  private:
    const Kernels& kernels_;
    Compression compression_;
    float constant_;
    Decibels decibels_;
};

}  // namespace earmark::features
