#pragma once

#include <span>
#include <vector>

#include "base/aligned.hpp"
#include "earmark/features.hpp"
#include "features/compressor.hpp"
#include "features/dct.hpp"
#include "features/mel_bank.hpp"
#include "features/power_spectrum.hpp"

namespace earmark::features {

/// The road from frames of samples to their features, in two stages, since the floor of `top_db` stands between them:
/// it is known only when all frames have passed the first. FeatureExtractor, FeatureStream and Segmenter walk it.
/// Not for waveforms, which have no frames.
class FeatureComputer {
  public:
    /// @param options  valid ones
    explicit FeatureComputer(const FeatureOptions& options);

    /// Values that the first stage yields a frame: the bins of a spectrogram, or mel bands.
    int first_stage_width() const noexcept { return first_stage_width_; }
    /// Whether there is a second stage: for logmel and mfcc.
    bool has_second_stage() const noexcept { return has_second_stage_; }

    /// First stage: from frames of frame_length samples to spectra, or to mel bands.
    /// @param frames  at most frame_group
    /// @param rows    receives first_stage_width() values a frame
    void analyse(std::span<const float* const> frames, float* rows) noexcept;

    /// The same for all frames of a whole signal, its ends padded. Forgets the maximum of an earlier one.
    /// @throws Error too_short when reflection needs more samples
    void analyse_signal(std::span<const float> samples, float* rows);

    /// Greatest mel power that the first stage met; 0 for spectrograms.
    float maximum_power() const noexcept { return maximum_; }
    void reset_maximum() noexcept { maximum_ = 0.0F; }

    /// The floor for the second stage, in decibels; see Compressor::floor.
    float floor(float maximum_power) const noexcept { return compressor_.floor(maximum_power); }

    /// Second stage: from mel bands to compressed ones or MFCCs. `result` may be `mel` for the former.
    void express(const float* mel, std::int64_t frames, float floor, float* result) noexcept;

  private:
    FeatureOptions options_;
    bool has_mel_;
    bool has_second_stage_;
    bool has_dct_;
    int first_stage_width_;
    PowerSpectrum spectrum_;
    MelBank mel_bank_;
    Compressor compressor_;
    Dct dct_;
    base::AlignedVector<float> power_;   // frame_group spectra
    base::AlignedVector<float> logmel_;  // frame_group frames of compressed mel bands
    std::vector<float> ends_;            // frame_group frames that reach beyond the signal
    float maximum_ = 0.0F;
};

}  // namespace earmark::features
