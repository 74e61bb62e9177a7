#pragma once

#include <cstdint>

#include "inference/layers/band_maximum.hpp"

namespace earmark::inference {

/// The inner loops of BandMaximum that multiply spectra, compiled for one instruction set.
struct BandMaximumSpectralKernels {
    using Forward = void (*)(const BandMaximum::Work& work, BandMaximum::Share& share, const float* input,
                             float* output);
    std::int64_t lanes;   ///< floats in a vector
    std::int64_t frames;  ///< that `along_coefficients` works on at a time
    Forward along_coefficients;
    Forward along_frames;
};

/// Those for the best instruction set that this processor has and Earmark was compiled for.
const BandMaximumSpectralKernels& band_maximum_spectral_kernels() noexcept;

}  // namespace earmark::inference
