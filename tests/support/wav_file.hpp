#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace earmark::testing {

/// Writes 16-bit mono PCM as a WAV file.
inline void write_wav(const std::filesystem::path& path, const std::vector<std::int16_t>& samples, int rate = 22050) {
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
    number(1, 2);  // channel
    number(static_cast<std::uint32_t>(rate), 4);
    number(static_cast<std::uint32_t>(2 * rate), 4);
    number(2, 2);
    number(16, 2);
    file << "data";
    number(bytes, 4);
    for (const std::int16_t sample : samples) number(static_cast<std::uint16_t>(sample), 2);
}

/// A tone with a few overtones, different for each `pitch`.
inline std::vector<std::int16_t> tone(double seconds, double pitch, int rate = 22050) {
    std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds * rate));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double t = 6.283185307179586 * pitch * static_cast<double>(i) / rate;
        samples[i] = static_cast<std::int16_t>(6000.0 * std::sin(t) + 3000.0 * std::sin(2.01 * t));
    }
    return samples;
}

}  // namespace earmark::testing
