#pragma once

#include <cmath>
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

}  // namespace earmark::testing
