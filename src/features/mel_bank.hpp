#pragma once

#include <cstddef>
#include <vector>

namespace earmark {

/// Hertz to mel on the scale of Slaney's Auditory Toolbox: linear up to 1000 Hz (15 mel), logarithmic above it.
double hertz_to_mel(double hertz);
/// And back.
double mel_to_hertz(double mel);

/// Overlapping triangles, equally spaced on the mel scale, each of area 1 over hertz: librosa.filters.mel with its
/// defaults. A triangle covers few bins of the spectrum, so only those are kept.
class MelBank {
  public:
    /// @param bins               values of a power spectrum, fft_size / 2 + 1
    /// @param minimum_frequency  lower edge of the lowest band, hertz
    /// @param maximum_frequency  upper edge of the highest band, hertz
    MelBank(int sample_rate, int bins, int bands, double minimum_frequency, double maximum_frequency);

    int bands() const noexcept { return static_cast<int>(rows_.size()); }

    /// @param power  one power spectrum: bins values
    /// @param mel    receives bands() values
    void apply(const float* power, float* mel) const noexcept;

    /// The weights of one band, one value a bin.
    std::vector<float> dense_row(int band) const;

  private:
    struct Row {
        std::size_t bin = 0;     // first bin with a weight
        std::size_t count = 0;   // bins with a weight; none when the band falls between two bins
        std::size_t offset = 0;  // of its weights
    };

    std::size_t bins_;
    std::vector<Row> rows_;
    std::vector<float> weights_;
};

}  // namespace earmark
