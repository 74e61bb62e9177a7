#pragma once

#include <vector>

#include "earmark/features.hpp"
#include "features/dct.hpp"
#include "features/decibels.hpp"
#include "features/mel_bank.hpp"
#include "features/power_spectrum.hpp"

namespace earmark {

/// The road from a frame of samples to its features, in two stages, since the floor of `top_db` stands between them:
/// it is known only when all frames have passed the first. FeatureExtractor and FeatureStream both walk it.
/// Not for waveforms, which have no frames.
class FeatureComputer {
  public:
    /// @param options  valid ones
    explicit FeatureComputer(const FeatureOptions& options);

    /// Values that the first stage yields a frame: the bins of a spectrogram, or mel bands.
    int first_stage_width() const noexcept { return first_stage_width_; }
    /// Whether there is a second stage: for logmel and mfcc.
    bool has_second_stage() const noexcept { return has_second_stage_; }

    /// First stage: from fft_size samples to a power spectrum, or to mel bands.
    void analyse(const float* frame, float* row) noexcept;

    /// Greatest mel power that the first stage met; 0 for spectrograms.
    float maximum_power() const noexcept;
    void reset_maximum() noexcept;

    /// The floor for the second stage, in decibels.
    float floor(float maximum_power) const noexcept { return decibels_.floor(maximum_power); }

    /// Second stage: from mel bands to decibels or MFCCs. `result` may be `mel` for decibels.
    void express(const float* mel, float floor, float* result) noexcept;

  private:
    bool has_mel_;
    bool has_second_stage_;
    bool has_dct_;
    int first_stage_width_;
    PowerSpectrum spectrum_;
    MelBank mel_bank_;
    Decibels decibels_;
    Dct dct_;
    std::vector<float> power_;    // one power spectrum
    std::vector<float> logmel_;   // one frame of decibels
    std::vector<float> maximum_;  // a band each, so that the loop over them becomes vectors
};

}  // namespace earmark
