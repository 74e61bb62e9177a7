#pragma once

#include <cstdint>

#include "audio/input/input.hpp"

namespace earmark::audio {

/// Bytes that a WAV (RIFF, RF64 or BW64) says its samples have; 0 when it does not say, or is none. FFmpeg keeps this
/// number to itself when it is larger than the file, which is the very case of a file cut short.
///
/// Programs that write to a pipe cannot come back to fill it in, and leave the largest number (or nearly) that the
/// field, signed or unsigned, can hold: that says nothing either.
std::int64_t wav_data_bytes(Input& file) noexcept;

}  // namespace earmark::audio
