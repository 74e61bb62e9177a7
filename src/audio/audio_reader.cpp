#include <utility>

#include "audio/decoder.hpp"
#include "audio/resampler.hpp"
#include "core/throw.hpp"
#include "earmark/audio.hpp"

namespace earmark {

namespace {

constexpr int max_output_rate = 768'000;

int checked_rate(const AudioOptions& options) {
    const int rate = options.sample_rate;
    if (rate != 0 && (rate < Resampler::min_rate || rate > max_output_rate)) {
        fail(ErrorCode::bad_option, "sample rate {}: must be {} to {} samples per second, or 0 for that of the file.",
             rate, Resampler::min_rate, max_output_rate);
    }
    return rate;
}

}  // namespace

class AudioReader::Impl {
  public:
    Impl(const std::filesystem::path& path, int rate)
        : decoder_(path), sample_rate_(rate > 0 ? rate : decoder_.info().sample_rate), resampler_(sample_rate_) {}

    std::span<const float> read() {
        std::span<const float> samples;
        while (samples.empty() && !finished_) {
            const AudioChunk chunk = decoder_.next();
            finished_ = chunk.samples.empty();
            samples = finished_ ? resampler_.finish() : resampler_.process(chunk.samples, chunk.sample_rate);
            warnings_ = &decoder_.warnings();
        }
        samples_read_ += std::ssize(samples);
        return samples;
    }

    const AudioInfo& info() const noexcept { return decoder_.info(); }
    int sample_rate() const noexcept { return sample_rate_; }
    std::int64_t samples_read() const noexcept { return samples_read_; }
    const std::vector<std::string>& warnings() const noexcept { return *warnings_; }

  private:
    Decoder decoder_;
    int sample_rate_;
    Resampler resampler_;
    const std::vector<std::string>* warnings_ = &decoder_.warnings();
    std::int64_t samples_read_ = 0;
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

std::span<const float> AudioReader::read() {
    return impl_->read();
}

std::int64_t AudioReader::samples_read() const noexcept {
    return impl_->samples_read();
}

const std::vector<std::string>& AudioReader::warnings() const noexcept {
    return impl_->warnings();
}

}  // namespace earmark
