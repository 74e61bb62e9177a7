#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

namespace earmark::testing {

/// Writes 16-bit PCM as a WAV file; samples of several channels are interleaved. Makes the folder.
inline void write_wav(const std::filesystem::path& path, const std::vector<std::int16_t>& samples, int rate = 22050,
                      int channels = 1) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    const auto number = [&](std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) file.put(static_cast<char>((value >> (8 * i)) & 0xFFU));
    };
    const auto bytes = static_cast<std::uint32_t>(2 * samples.size());
    file << "RIFF";
    number(36 + bytes, 4);
    file << "WAVEfmt ";
    number(16, 4);
    number(1, 2);  // PCM
    number(static_cast<std::uint32_t>(channels), 2);
    number(static_cast<std::uint32_t>(rate), 4);
    number(static_cast<std::uint32_t>(2 * channels * rate), 4);
    number(static_cast<std::uint32_t>(2 * channels), 2);
    number(16, 2);
    file << "data";
    number(bytes, 4);
    for (const std::int16_t sample : samples) number(static_cast<std::uint16_t>(sample), 2);
}

/// The same for samples of -1 to 1.
inline void write_wav(const std::filesystem::path& path, std::span<const float> samples, int rate = 22050,
                      int channels = 1) {
    std::vector<std::int16_t> rounded;
    for (const float sample : samples) {
        rounded.push_back(static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767.0F)));
    }
    testing::write_wav(path, rounded, rate, channels);
}

}  // namespace earmark::testing
