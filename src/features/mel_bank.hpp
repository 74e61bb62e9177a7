#pragma once

#include <cstddef>
#include <vector>

#include "base/aligned.hpp"
#include "earmark/features.hpp"
#include "features/kernels.hpp"

namespace earmark::features {

/// Hertz to mel, on the scale of Slaney's Auditory Toolbox (linear up to 1000 Hz, 15 mel, logarithmic above it) or on
/// HTK's.
double hertz_to_mel(double hertz, MelScale scale);
/// And back.
double mel_to_hertz(double mel, MelScale scale);

/// Overlapping triangles, equally spaced on the mel scale, with the weights that MelNorm gives. A triangle covers few
/// bins of the spectrum, so only those are kept.
class MelBank {
  public:
    /// @param bins               values of a spectrum, fft_size / 2 + 1
    /// @param minimum_frequency  lower edge of the lowest band, hertz
    /// @param maximum_frequency  upper edge of the highest band, hertz
    MelBank(int sample_rate, int bins, int bands, double minimum_frequency, double maximum_frequency,
            MelScale scale = MelScale::slaney, MelNorm norm = MelNorm::area);

    int bands() const noexcept { return static_cast<int>(rows_.size()); }

    /// Floats from one frame's spectrum to the next, as `apply` wants them: bins, and some that are zero.
    std::size_t stride() const noexcept { return stride_; }

    /// @param power    spectra, `stride` apart
    /// @param frames   at most frame_group
    /// @param mel      receives `frames` times bands() values
    /// @param maximum  raised to the greatest of these
    void apply(const float* power, std::size_t frames, float* mel, float& maximum) const noexcept;

    /// The weights of one band, one value a bin.
    std::vector<float> dense_row(int band) const;

  private:
    const Kernels& kernels_;
    std::size_t bins_;
    std::size_t stride_;
    std::vector<MelRow> rows_;
    base::AlignedVector<float> weights_;
};

}  // namespace earmark::features
