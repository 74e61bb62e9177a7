#pragma once

#include <cstdint>
#include <memory>

#include "audio/block_source.hpp"
#include "audio/sample_source.hpp"
#include "earmark/audio.hpp"

namespace earmark::audio {

/// Mono samples of one recording as they were recorded, in blocks: what a ResampledSource reads from.
class NativeSource {
  public:
    NativeSource() = default;
    virtual ~NativeSource() = default;
    NativeSource(const NativeSource&) = delete;
    NativeSource& operator=(const NativeSource&) = delete;

    virtual const AudioInfo& info() const noexcept = 0;
    /// As BlockSource::next.
    virtual const AudioBlock& next() = 0;
    /// As BlockSource::skip_to.
    virtual bool skip_to(std::int64_t sample) = 0;
    virtual void decode_ahead() = 0;
    /// Seconds of audio where the file declares none.
    virtual double count_seconds() = 0;
    /// A reader of the same recording, from its beginning, that has a decoder of its own.
    virtual std::unique_ptr<SampleSource> reopen(int sample_rate) const = 0;
};

}  // namespace earmark::audio
