#include "audio/mixing/sample_mixer.hpp"

#include <algorithm>

#include "base/throw.hpp"

namespace earmark::audio {

namespace {

constexpr std::size_t frames_at_once = 1 << 14;
constexpr int most_channels = 1024;

}  // namespace

SampleMixer::SampleMixer(const Samples& samples, int output_rate)
    : samples_(samples), rest_(samples.interleaved), guard_(samples.sample_rate), resampler_(output_rate) {
    if (samples.sample_rate < Resampler::min_rate || samples.sample_rate > Resampler::max_rate) {
        base::fail(ErrorCode::bad_option, "sample rate {}: must be {} to {} samples per second.", samples.sample_rate,
                   Resampler::min_rate, Resampler::max_rate);
    }
    if (samples.channels < 1 || samples.channels > most_channels) {
        base::fail(ErrorCode::bad_option, "{} channels: must be 1 to {}.", samples.channels, most_channels);
    }
    if (rest_.size() % static_cast<std::size_t>(samples.channels) != 0) {
        base::fail(ErrorCode::bad_data, "{} samples are no whole number of frames of {} channels. Give whole frames.",
                   rest_.size(), samples.channels);
    }
}

std::span<const float> SampleMixer::read() {
    while (!finished_) {
        finished_ = mixed_;
        mono_.clear();
        if (!rest_.empty()) {
            const auto piece =
                rest_.first(std::min(rest_.size(), frames_at_once * static_cast<std::size_t>(samples_.channels)));
            rest_ = rest_.subspan(piece.size());
            guard_.push(mixdown_.mix(piece, samples_.channels), mixdown_.kept(), mono_);
        } else if (!mixed_) {
            guard_.flush(mono_);
            mixed_ = true;
        }
        const std::span<const float> ready =
            finished_ ? resampler_.finish() : resampler_.process(mono_, samples_.sample_rate);
        if (!ready.empty()) return ready;
    }
    return {};
}

std::vector<std::string> SampleMixer::warnings() const {
    const std::size_t taken = samples_.interleaved.size() - rest_.size();
    std::vector<std::string> warnings;
    mixdown_.describe(static_cast<std::int64_t>(taken) / samples_.channels, warnings);
    guard_.describe(warnings);
    return warnings;
}

}  // namespace earmark::audio
