#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

namespace earmark::testing {

/// Writes a 16-bit PCM WAV file; `samples` are interleaved and clipped to -1 … 1.
inline void write_wav(const std::filesystem::path& path, std::span<const float> samples, int sample_rate,
                      int channels = 1) {
    std::ofstream file(path, std::ios::binary);
    const auto u32 = [&](std::uint32_t value) { file.write(reinterpret_cast<const char*>(&value), 4); };
    const auto u16 = [&](std::uint16_t value) { file.write(reinterpret_cast<const char*>(&value), 2); };
    const auto bytes = static_cast<std::uint32_t>(2 * samples.size());
    file << "RIFF";
    u32(36 + bytes);
    file << "WAVEfmt ";
    u32(16);
    u16(1);
    u16(static_cast<std::uint16_t>(channels));
    u32(static_cast<std::uint32_t>(sample_rate));
    u32(static_cast<std::uint32_t>(sample_rate * channels * 2));
    u16(static_cast<std::uint16_t>(channels * 2));
    u16(16);
    file << "data";
    u32(bytes);
    for (float sample : samples) {
        const float value = std::round(std::clamp(sample, -1.0F, 1.0F) * 32767.0F);
        u16(static_cast<std::uint16_t>(static_cast<std::int16_t>(value)));
    }
}

}  // namespace earmark::testing
