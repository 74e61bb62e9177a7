#pragma once

#include <exception>
#include <memory>

#include "earmark/audio.hpp"

namespace earmark::audio {

/// One decoding of a recording, read by several readers, each at a rate of its own. Each reads what it would read with a
/// decoder of its own; bit for bit, where the decoder does not depend on where it was told to skip to. What was decoded
/// is kept until all readers have read it. So read from the reader that is furthest behind, and skip in the order of time.
/// Not thread-safe: all readers belong to one thread.
class SharedDecoding {
  public:
    /// Thrown by readers where the decoding cannot be shared: the recording changes its rate, or what is to be read was let
    /// go of. Each reader needs a decoder of its own then (see AudioReader::reopen).
    struct CannotShare : std::exception {};

    /// @param reader  stands at its beginning, and keeps the rate of the file
    explicit SharedDecoding(AudioReader reader);
    ~SharedDecoding();

    /// A reader of the whole. All are to be made before one of them is read from. May outlive this object.
    AudioReader open(int sample_rate);

    /// Nothing will be skipped for all readers: some read the whole.
    void keep_whole();

    /// Says that a reader, by its number in the order of `open`, needs nothing of what is before a time.
    void release(std::size_t reader, double seconds);

  private:
    class Blocks;
    class Track;
    std::shared_ptr<Track> track_;
};

}  // namespace earmark::audio
