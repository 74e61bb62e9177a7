#include "audio/resampling/resampled_source.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace earmark::audio {

ResampledSource::ResampledSource(std::unique_ptr<NativeSource> blocks, int sample_rate)
    : blocks_(std::move(blocks)),
      sample_rate_(sample_rate > 0 ? sample_rate : info().sample_rate),
      resampler_(sample_rate_) {}

double ResampledSource::seconds() {
    if (seconds_ == 0.0) seconds_ = info().declared_seconds;
    if (seconds_ == 0.0) seconds_ = blocks_->count_seconds();
    return seconds_;
}

std::span<const float> ResampledSource::read(std::size_t most) {
    while (ready_.empty() && !finished_) {
        const AudioBlock& block = blocks_->next();
        finished_ = block.samples.empty();
        if (!finished_ && block.sample_rate != info().sample_rate) rate_changed_ = true;
        ready_ = finished_ ? resampler_.finish() : resampler_.process(block.samples, block.sample_rate);
        warnings_ = block.warnings;
    }
    const std::span<const float> samples = ready_.first(std::min(most, ready_.size()));
    ready_ = ready_.subspan(samples.size());
    position_ += std::ssize(samples);
    return samples;
}

bool ResampledSource::skip_to(std::int64_t sample) {
    // The resampler must start on a sample of the file that falls together with one of the output, and early
    // enough that its filter is full.
    const std::int64_t common = std::gcd(info().sample_rate, sample_rate_);
    const std::int64_t step = sample_rate_ / common;
    const bool resampled = info().sample_rate != sample_rate_;
    const std::int64_t start = resampled ? (sample - Resampler::reach) / step * step : sample;
    // Decoder and resampler hold less than a second that was not handed out; within that it is read through.
    if (start > position_ + std::ssize(ready_) + sample_rate_) {
        if (!blocks_->skip_to(start / step * (info().sample_rate / common))) return false;
        resampler_.restart();
        ready_ = {};
        position_ = start;
    }
    while (position_ < sample) {
        if (read(static_cast<std::size_t>(sample - position_)).empty()) return false;
    }
    return position_ == sample;
}

}  // namespace earmark::audio
