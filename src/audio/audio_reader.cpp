#include <algorithm>
#include <istream>
#include <utility>

#include "audio/block_source.hpp"
#include "audio/container.hpp"
#include "audio/input/input_file.hpp"
#include "audio/input/stream_input.hpp"
#include "audio/resampling/native_source.hpp"
#include "audio/resampling/resampled_source.hpp"
#include "audio/resampling/resampler.hpp"
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

/// Decodes in this process.
class DecodedBlocks : public audio::NativeSource {
  public:
    explicit DecodedBlocks(std::shared_ptr<audio::Input> input) : input_(std::move(input)), source_(input_) {}

    const AudioInfo& info() const noexcept override { return source_.info(); }
    const audio::AudioBlock& next() override { return source_.next(); }
    bool skip_to(std::int64_t sample) override { return source_.skip_to(sample); }
    void decode_ahead() override { source_.decode_ahead(); }
    double count_seconds() override { return audio::count_seconds(input_); }
    std::unique_ptr<audio::SampleSource> reopen(int sample_rate) const override {
        return audio::decode(input_, sample_rate);
    }

  private:
    std::shared_ptr<audio::Input> input_;
    audio::BlockSource source_;
};

}  // namespace

std::unique_ptr<audio::SampleSource> audio::decode(std::shared_ptr<Input> input, int sample_rate) {
    checked_rate(sample_rate);
    return std::make_unique<audio::ResampledSource>(std::make_unique<DecodedBlocks>(std::move(input)), sample_rate);
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
    // A file may have a higher rate than may be asked for.
    return AudioReader(source_->reopen(sample_rate() == info().sample_rate ? 0 : sample_rate()));
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
