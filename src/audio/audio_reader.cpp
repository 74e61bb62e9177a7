#include <algorithm>
#include <numeric>
#include <utility>

#include "audio/block_source.hpp"
#include "audio/container.hpp"
#include "audio/resampler.hpp"
#include "base/throw.hpp"
#include "earmark/audio.hpp"

namespace earmark {

namespace {

constexpr int max_output_rate = 768'000;

int checked_rate(const AudioOptions& options) {
    const int rate = options.sample_rate;
    if (rate != 0 && (rate < audio::Resampler::min_rate || rate > max_output_rate)) {
        base::fail(ErrorCode::bad_option,
                   "sample rate {}: must be {} to {} samples per second, or 0 for that of the file.", rate,
                   audio::Resampler::min_rate, max_output_rate);
    }
    return rate;
}

}  // namespace

class AudioReader::Impl {
  public:
    Impl(const std::filesystem::path& path, int rate)
        : path_(path), source_(path), sample_rate_(rate > 0 ? rate : info().sample_rate), resampler_(sample_rate_) {}

    std::span<const float> read(std::size_t most) {
        while (ready_.empty() && !finished_) {
            const audio::AudioBlock& block = source_.next();
            finished_ = block.samples.empty();
            ready_ = finished_ ? resampler_.finish() : resampler_.process(block.samples, block.sample_rate);
            warnings_ = block.warnings;
        }
        const std::span<const float> samples = ready_.first(std::min(most, ready_.size()));
        ready_ = ready_.subspan(samples.size());
        position_ += std::ssize(samples);
        return samples;
    }

    bool skip_to(std::int64_t sample) {
        // The resampler must start on a sample of the file that falls together with one of the output, and early
        // enough that its filter is full.
        const std::int64_t common = std::gcd(info().sample_rate, sample_rate_);
        const std::int64_t step = sample_rate_ / common;
        const bool resampled = info().sample_rate != sample_rate_;
        const std::int64_t start = resampled ? (sample - audio::Resampler::reach) / step * step : sample;
        // Decoder and resampler hold less than a second that was not handed out; within that it is read through.
        if (start > position_ + std::ssize(ready_) + sample_rate_) {
            if (!source_.skip_to(start / step * (info().sample_rate / common))) return false;
            resampler_.restart();
            ready_ = {};
            position_ = start;
        }
        while (position_ < sample) {
            if (read(static_cast<std::size_t>(sample - position_)).empty()) return false;
        }
        return position_ == sample;
    }

    double seconds() {
        if (seconds_ == 0.0) seconds_ = info().declared_seconds;
        if (seconds_ == 0.0) seconds_ = audio::count_seconds(path_);
        return seconds_;
    }

    void decode_ahead() { source_.decode_ahead(); }

    const AudioInfo& info() const noexcept { return source_.info(); }
    int sample_rate() const noexcept { return sample_rate_; }
    std::int64_t position() const noexcept { return position_; }
    const std::vector<std::string>& warnings() const noexcept { return warnings_; }

  private:
    std::filesystem::path path_;
    audio::BlockSource source_;
    int sample_rate_;
    audio::Resampler resampler_;
    std::span<const float> ready_;  // resampled, but not handed out yet
    std::vector<std::string> warnings_;
    std::int64_t position_ = 0;
    double seconds_ = 0.0;
    bool finished_ = false;
};

AudioReader::AudioReader(const std::filesystem::path& path, AudioOptions options) {
    const int rate = checked_rate(options);
    impl_ = std::make_unique<Impl>(path, rate);
}

AudioReader::~AudioReader() = default;
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;

const AudioInfo& AudioReader::info() const noexcept {
    return impl_->info();
}

int AudioReader::sample_rate() const noexcept {
    return impl_->sample_rate();
}

double AudioReader::seconds() {
    return impl_->seconds();
}

std::span<const float> AudioReader::read(std::size_t most) {
    return impl_->read(most);
}

bool AudioReader::skip_to(std::int64_t sample) {
    return impl_->skip_to(sample);
}

void AudioReader::decode_ahead() {
    impl_->decode_ahead();
}

std::int64_t AudioReader::position() const noexcept {
    return impl_->position();
}

const std::vector<std::string>& AudioReader::warnings() const noexcept {
    return impl_->warnings();
}

}  // namespace earmark
