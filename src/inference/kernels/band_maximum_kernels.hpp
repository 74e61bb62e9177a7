#pragma once

#include <cstdint>

#include "inference/layers/band_maximum.hpp"

namespace earmark::inference {

/// The inner loop of BandMaximum where kernels are multiplied as they are, compiled for one instruction set.
struct BandMaximumKernels {
    std::int64_t lanes;    ///< floats in a vector
    std::int64_t filters;  ///< of a block
    std::int64_t frames;   ///< that are worked on at a time
    void (*forward)(const BandMaximum::Work& work, BandMaximum::Share& share, const float* input, float* output);
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const BandMaximumKernels& band_maximum_kernels() noexcept;

}  // namespace earmark::inference
