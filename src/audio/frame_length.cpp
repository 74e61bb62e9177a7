#include "audio/frame_length.hpp"

namespace earmark::audio {

int mpeg_frame_length(std::span<const std::uint8_t> frame) noexcept {
    if (frame.size() < 4 || frame[0] != 0xFF || (frame[1] & 0xE0) != 0xE0) return 0;
    const int version = (frame[1] >> 3) & 3;      // 0: MPEG 2.5, 1: reserved, 2: MPEG 2, 3: MPEG 1
    const int layer = 4 - ((frame[1] >> 1) & 3);  // 4: reserved
    const int bitrate_index = frame[2] >> 4;      // 0: free format, 15: forbidden
    const int rate_index = (frame[2] >> 2) & 3;   // 3: reserved
    const int padding = (frame[2] >> 1) & 1;
    if (version == 1 || layer == 4 || bitrate_index == 0 || bitrate_index == 15 || rate_index == 3) return 0;

    static constexpr int kbits[5][14] = {
        {32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},  // MPEG 1, layer I
        {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},     // MPEG 1, layer II
        {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},      // MPEG 1, layer III
        {32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},     // MPEG 2, layer I
        {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},          // MPEG 2, layers II and III
    };
    static constexpr int rates[3] = {44100, 48000, 32000};
    const bool first_version = version == 3;
    const int row = first_version ? layer - 1 : (layer == 1 ? 3 : 4);
    const int bits = 1000 * kbits[row][bitrate_index - 1];
    const int rate = rates[rate_index] >> (first_version ? 0 : version == 2 ? 1 : 2);
    if (layer == 1) return (12 * bits / rate + padding) * 4;
    const int samples = layer == 3 && !first_version ? 576 : 1152;
    return samples / 8 * bits / rate + padding;
}

int adts_frame_length(std::span<const std::uint8_t> frame) noexcept {
    if (frame.size() < 6 || frame[0] != 0xFF || (frame[1] & 0xF6) != 0xF0) return 0;
    return ((frame[3] & 3) << 11) | (frame[4] << 3) | (frame[5] >> 5);
}

}  // namespace earmark::audio
