#pragma once

#include <cstdint>
#include <span>

namespace earmark::audio {

/// Bytes that an MPEG audio frame (MP1, MP2, MP3; ISO 11172-3, 13818-3 and the MPEG 2.5 extension) says it has; 0 when
/// `frame` does not begin with such a header, or with one of free format.
int mpeg_frame_length(std::span<const std::uint8_t> frame) noexcept;

/// Bytes that an ADTS frame of AAC (ISO 13818-7) says it has; 0 when `frame` does not begin with such a header.
int adts_frame_length(std::span<const std::uint8_t> frame) noexcept;

}  // namespace earmark::audio
