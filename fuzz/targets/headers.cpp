#include "audio/frame_length.hpp"
#include "audio/input/input.hpp"
#include "audio/ogg_tail.hpp"
#include "audio/wav_header.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// Earmark's own readers of containers, which do not ask FFmpeg.
void run_headers(Bytes bytes) {
    audio::MemoryInput input(std::as_bytes(bytes), "fuzzed");
    require(audio::wav_data_bytes(input) >= 0, "a WAV with fewer than no bytes of samples");
    (void)audio::ogg_breaks_off(input);
    require(audio::mpeg_frame_length(bytes) >= 0, "an MPEG frame of a negative length");
    require(audio::adts_frame_length(bytes) >= 0, "an ADTS frame of a negative length");
}

const Registration headers_target("headers", run_headers);

}  // namespace

}  // namespace earmark::fuzz
