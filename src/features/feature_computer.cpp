#include "features/feature_computer.hpp"

#include <algorithm>

namespace earmark {

FeatureComputer::FeatureComputer(const FeatureOptions& options)
    : has_mel_(options.kind != FeatureKind::spectrogram),
      has_second_stage_(options.kind == FeatureKind::logmel || options.kind == FeatureKind::mfcc),
      has_dct_(options.kind == FeatureKind::mfcc),
      first_stage_width_(has_mel_ ? options.mel_bands : options.fft_size / 2 + 1),
      spectrum_(options.fft_size),
      mel_bank_(options.sample_rate, spectrum_.bins(), has_mel_ ? options.mel_bands : 0, options.minimum_frequency,
                options.maximum_frequency > 0.0 ? options.maximum_frequency : 0.5 * options.sample_rate),
      decibels_(options.reference, options.amin, options.top_db),
      dct_(options.mel_bands, has_dct_ ? options.coefficients : 0),
      power_(has_mel_ ? static_cast<std::size_t>(spectrum_.bins()) : 0),
      logmel_(has_dct_ ? static_cast<std::size_t>(options.mel_bands) : 0),
      maximum_(has_mel_ ? static_cast<std::size_t>(options.mel_bands) : 0) {}

void FeatureComputer::analyse(const float* frame, float* row) noexcept {
    if (!has_mel_) {
        spectrum_.compute(frame, row);
        return;
    }
    spectrum_.compute(frame, power_.data());
    mel_bank_.apply(power_.data(), row);
    float* maximum = maximum_.data();
    const std::size_t bands = maximum_.size();
    for (std::size_t band = 0; band < bands; ++band)
        maximum[band] = row[band] > maximum[band] ? row[band] : maximum[band];
}

float FeatureComputer::maximum_power() const noexcept {
    return maximum_.empty() ? 0.0F : *std::max_element(maximum_.begin(), maximum_.end());
}

void FeatureComputer::reset_maximum() noexcept {
    std::fill(maximum_.begin(), maximum_.end(), 0.0F);
}

void FeatureComputer::express(const float* mel, float floor, float* result) noexcept {
    const auto bands = static_cast<std::size_t>(mel_bank_.bands());
    if (has_dct_) {
        decibels_.apply(mel, floor, logmel_.data(), bands);
        dct_.apply(logmel_.data(), result);
    } else {
        decibels_.apply(mel, floor, result, bands);
    }
}

}  // namespace earmark
