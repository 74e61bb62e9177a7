#include <algorithm>
#include <istream>
#include <numeric>
#include <utility>

#include "audio/block_source.hpp"
#include "audio/container.hpp"
#include "audio/input/input_file.hpp"
#include "audio/input/stream_input.hpp"
#include "audio/resampler.hpp"
#include "audio/sample_source.hpp"
#include "base/throw.hpp"
#include "earmark/audio.hpp"

namespace earmark {

namespace {

constexpr int max_output_rate = 768'000;

int checked_rate(int rate) {
    if (rate != 0 && (rate < audio::Resampler::min_rate || rate > max_output_rate)) {
        base::fail(ErrorCode::bad_option,
                   "sample rate {}: must be {} to {} samples per second, or 0 for that of the file.", rate,
                   audio::Resampler::min_rate, max_output_rate);
    }
    return rate;
}

std::string name_or(const AudioOptions& options, const char* otherwise) {
    return options.name.empty() ? otherwise : options.name;
}

/// The bytes of a standard stream. What the stream itself makes of their end (its flags, its exceptions) has no part.
ByteSource source_of(std::istream& stream, const std::string& name) {
    return [&stream, name](std::span<std::byte> buffer) -> std::size_t {
        std::streamsize got = 0;
        bool failed = stream.bad() || stream.rdbuf() == nullptr;
        try {
            if (!failed) got = stream.rdbuf()->sgetn(reinterpret_cast<char*>(buffer.data()), std::ssize(buffer));
        } catch (const std::ios_base::failure&) {
            failed = true;
        }
        if (failed || (stream.fail() && !stream.eof())) {
            base::fail(ErrorCode::unreadable, "{}: cannot be read to its end. Check where it comes from.", name);
        }
        return static_cast<std::size_t>(std::max<std::streamsize>(got, 0));
    };
}

/// Decodes and resamples in this process.
class Decoded : public audio::SampleSource {
  public:
    Decoded(std::shared_ptr<audio::Input> input, int rate)
        : input_(std::move(input)),
          source_(input_),
          sample_rate_(rate > 0 ? rate : info().sample_rate),
          resampler_(sample_rate_) {}

    std::unique_ptr<audio::SampleSource> reopen() const override {
        return std::make_unique<Decoded>(input_, sample_rate_);
    }

    std::span<const float> read(std::size_t most) override {
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

    bool skip_to(std::int64_t sample) override {
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

    double seconds() override {
        if (seconds_ == 0.0) seconds_ = info().declared_seconds;
        if (seconds_ == 0.0) seconds_ = audio::count_seconds(input_);
        return seconds_;
    }

    void decode_ahead() override { source_.decode_ahead(); }

    const AudioInfo& info() const noexcept override { return source_.info(); }
    int sample_rate() const noexcept override { return sample_rate_; }
    std::int64_t position() const noexcept override { return position_; }
    const std::vector<std::string>& warnings() const noexcept override { return warnings_; }

  private:
    std::shared_ptr<audio::Input> input_;
    audio::BlockSource source_;
    int sample_rate_;
    audio::Resampler resampler_;
    std::span<const float> ready_;  // resampled, but not handed out yet
    std::vector<std::string> warnings_;
    std::int64_t position_ = 0;
    double seconds_ = 0.0;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<audio::SampleSource> audio::decode(std::shared_ptr<Input> input, int sample_rate) {
    return std::make_unique<Decoded>(std::move(input), checked_rate(sample_rate));
}

AudioReader::AudioReader(const std::filesystem::path& path, AudioOptions options) {
    checked_rate(options.sample_rate);
    source_ = audio::decode(std::make_shared<audio::InputFile>(path), options.sample_rate);
}

AudioReader::AudioReader(std::span<const std::byte> bytes, AudioOptions options) {
    source_ =
        audio::decode(std::make_shared<audio::MemoryInput>(bytes, name_or(options, "the buffer")), options.sample_rate);
}

AudioReader::AudioReader(ByteSource source, AudioOptions options) {
    checked_rate(options.sample_rate);
    if (!source) base::fail(ErrorCode::bad_option, "the source of bytes is empty. Give a function.");
    source_ = audio::decode(std::make_shared<audio::StreamInput>(std::move(source), name_or(options, "the stream")),
                            options.sample_rate);
}

AudioReader::AudioReader(std::istream& stream, AudioOptions options)
    : AudioReader(source_of(stream, name_or(options, "the stream")), options) {}

AudioReader::AudioReader(std::unique_ptr<audio::SampleSource> source) : source_(std::move(source)) {}

AudioReader::~AudioReader() = default;
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;

AudioReader AudioReader::reopen() const {
    return AudioReader(source_->reopen());
}

const AudioInfo& AudioReader::info() const noexcept {
    return source_->info();
}

int AudioReader::sample_rate() const noexcept {
    return source_->sample_rate();
}

double AudioReader::seconds() {
    return source_->seconds();
}

std::span<const float> AudioReader::read(std::size_t most) {
    return source_->read(most);
}

bool AudioReader::skip_to(std::int64_t sample) {
    return source_->skip_to(sample);
}

void AudioReader::decode_ahead() {
    source_->decode_ahead();
}

std::int64_t AudioReader::position() const noexcept {
    return source_->position();
}

const std::vector<std::string>& AudioReader::warnings() const noexcept {
    return source_->warnings();
}

}  // namespace earmark
