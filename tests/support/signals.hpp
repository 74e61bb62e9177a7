#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace earmark::testing {

/// Two tones, the upper of which steps up every second: `seconds` at 22 050 Hz.
inline std::vector<float> tones(double seconds, double frequency = 220.0) {
    std::vector<float> samples(static_cast<std::size_t>(std::llround(seconds * 22050.0)));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double time = static_cast<double>(i) / 22050.0;
        const double upper = frequency * (2.0 + std::fmod(std::floor(time), 7.0));
        samples[i] = static_cast<float>(0.3 * std::sin(2.0 * std::numbers::pi * frequency * time) +
                                        0.2 * std::sin(2.0 * std::numbers::pi * upper * time));
    }
    return samples;
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
