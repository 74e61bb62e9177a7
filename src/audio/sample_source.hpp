#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/input/input.hpp"
#include "earmark/audio.hpp"

namespace earmark::audio {

/// What an AudioReader reads from: a decoder in this process, or one in another. Each function is the reader's of the
/// same name, but for those that say something else.
class SampleSource {
  public:
    SampleSource() = default;
    virtual ~SampleSource() = default;
    SampleSource(const SampleSource&) = delete;
    SampleSource& operator=(const SampleSource&) = delete;

    /// Another of the same audio, from its beginning, at a rate as in AudioOptions.
    virtual std::unique_ptr<SampleSource> reopen(int sample_rate) const = 0;
    /// Whether the recording has changed its rate so far. What was recorded at another rate than the first is resampled
    /// even where the reader is to keep the rate of the file.
    virtual bool rate_changed() const noexcept = 0;
    virtual const AudioInfo& info() const noexcept = 0;
    virtual int sample_rate() const noexcept = 0;
    virtual double seconds() = 0;
    virtual std::span<const float> read(std::size_t most) = 0;
    virtual bool skip_to(std::int64_t sample) = 0;
    virtual void decode_ahead() = 0;
    virtual std::int64_t position() const noexcept = 0;
    virtual const std::vector<std::string>& warnings() const noexcept = 0;
};

/// Decodes an input in this process, at `sample_rate` (0: that of the input).
/// @throws Error as AudioReader
std::unique_ptr<SampleSource> decode(std::shared_ptr<Input> input, int sample_rate);

}  // namespace earmark::audio
