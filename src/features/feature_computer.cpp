#include "features/feature_computer.hpp"

#include <algorithm>
#include <array>

#include "base/throw.hpp"
#include "features/framer.hpp"
#include "features/table_kind.hpp"

namespace earmark::features {

namespace {

/// The options, if sound can be turned into such features.
const FeatureOptions& computable(const FeatureOptions& options) {
    if (options.kind == table_kind) {
        base::fail(ErrorCode::bad_option,
                   "The features are numbers from a table, which no sound can be turned into. Take a model that was "
                   "trained on sound, or give it a table.");
    }
    return options;
}

}  // namespace

FeatureComputer::FeatureComputer(const FeatureOptions& options)
    : options_(computable(options)),
      has_mel_(options.kind != FeatureKind::spectrogram),
      has_second_stage_(options.kind == FeatureKind::logmel || options.kind == FeatureKind::mfcc),
      has_dct_(options.kind == FeatureKind::mfcc),
      first_stage_width_(has_mel_ ? options.mel_bands : options.fft_size / 2 + 1),
      spectrum_(options.fft_size, frame_length(options), options.spectrum),
      mel_bank_(options.sample_rate, spectrum_.bins(), has_mel_ ? options.mel_bands : 0, options.minimum_frequency,
                options.maximum_frequency > 0.0 ? options.maximum_frequency : 0.5 * options.sample_rate,
                options.mel_scale, options.mel_norm),
      compressor_(options),
      dct_(options.mel_bands, has_dct_ ? options.coefficients : 0),
      power_(has_mel_ ? frame_group * mel_bank_.stride() : 0),
      logmel_(has_dct_ ? frame_group * static_cast<std::size_t>(options.mel_bands) : 0) {}

void FeatureComputer::analyse(std::span<const float* const> frames, float* rows) noexcept {
    const std::size_t stride = has_mel_ ? mel_bank_.stride() : static_cast<std::size_t>(first_stage_width_);
    float* power = has_mel_ ? power_.data() : rows;
    for (const float* frame : frames) {
        spectrum_.compute(frame, power);
        power += stride;
    }
    if (has_mel_) mel_bank_.apply(power_.data(), frames.size(), rows, maximum_);
}

void FeatureComputer::analyse_signal(std::span<const float> samples, float* rows) {
    const auto size = static_cast<std::size_t>(frame_length(options_));
    const std::int64_t lead = frame_lead(options_);
    const std::int64_t count = frame_count(options_, static_cast<std::int64_t>(samples.size()));
    reset_maximum();
    if (count == 0) return;
    require_reflection(options_.padding, lead, static_cast<std::int64_t>(samples.size()));
    ends_.resize(frame_group * size);

    std::array<const float*, frame_group> group;
    for (std::int64_t first = 0; first < count; first += frame_group) {
        const auto frames = static_cast<std::size_t>(std::min<std::int64_t>(frame_group, count - first));
        for (std::size_t i = 0; i < frames; ++i) {
            const std::int64_t start = (first + static_cast<std::int64_t>(i)) * options_.hop_length - lead;
            group[i] = frame_of_signal(samples, start, options_.padding, std::span(ends_).subspan(i * size, size));
        }
        analyse(std::span(group).first(frames), rows);
        rows += frames * static_cast<std::size_t>(first_stage_width_);
    }
}

void FeatureComputer::express(const float* mel, std::int64_t frames, float floor, float* result) noexcept {
    const auto bands = static_cast<std::size_t>(mel_bank_.bands());
    const auto count = static_cast<std::size_t>(frames);
    if (!has_dct_) {
        compressor_.apply(mel, floor, result, count * bands);
        return;
    }
    const auto coefficients = static_cast<std::size_t>(options_.coefficients);
    for (std::size_t first = 0; first < count; first += frame_group) {
        const std::size_t group = std::min(frame_group, count - first);
        compressor_.apply(mel + first * bands, floor, logmel_.data(), group * bands);
        dct_.apply(logmel_.data(), group, result + first * coefficients);
    }
}

}  // namespace earmark::features
