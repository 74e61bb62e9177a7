#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <numbers>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace earmark::testing {

/// Reference values, from tests/reference/features: an .npy file of 32-bit floats.
struct Reference {
    std::vector<std::size_t> shape;
    std::vector<float> values;

    /// One row of the last dimension.
    std::span<const float> row(std::size_t index) const { return {values.data() + index * shape.back(), shape.back()}; }
    std::size_t rows() const { return values.size() / shape.back(); }
};

inline std::filesystem::path reference_folder() {
    return std::filesystem::path(EARMARK_SOURCE_DIR) / "tests/reference/features";
}

/// Reads what numpy.save writes of a C-ordered float32 array (format 1.0).
inline testing::Reference read_reference(const std::string& name) {
    const auto path = testing::reference_folder() / (name + ".npy");
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (bytes.size() < 10 || bytes.compare(0, 6, "\x93NUMPY") != 0) throw std::runtime_error("no reference: " + name);
    const std::size_t header = static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
    const std::string text = bytes.substr(10, header);
    if (text.find("'<f4'") == std::string::npos || text.find("'fortran_order': False") == std::string::npos) {
        throw std::runtime_error("reference of another type: " + name);
    }
    testing::Reference reference;
    for (std::size_t at = text.find("'shape': (") + 10; text[at] != ')';) {
        std::size_t digits = 0;
        reference.shape.push_back(std::stoul(text.substr(at), &digits));
        at = text.find_first_not_of(", ", at + digits);
    }
    const std::size_t count =
        std::accumulate(reference.shape.begin(), reference.shape.end(), std::size_t{1}, std::multiplies<>());
    if (bytes.size() != 10 + header + count * sizeof(float)) throw std::runtime_error("reference cut short: " + name);
    reference.values.resize(count);
    std::memcpy(reference.values.data(), bytes.data() + 10 + header, count * sizeof(float));
    return reference;
}

// The synthetic signals of tests/reference/make_features.py, sample by sample; 16-bit values.

inline constexpr int signal_samples = 33075;
inline constexpr double signal_rate = 22050.0;

inline std::int16_t sixteen_bits(double value) {
    return static_cast<std::int16_t>(std::floor(value * 32767.0 + 0.5));
}

inline std::vector<std::int16_t> make_signal(const std::string& name) {
    std::vector<std::int16_t> samples(testing::signal_samples);
    constexpr double pi = std::numbers::pi;
    if (name == "noise") {
        std::uint32_t state = 1;
        for (auto& sample : samples) {
            state = state * 1664525U + 1013904223U;
            sample = static_cast<std::int16_t>(static_cast<int>(state >> 16) - 32768);
        }
    } else if (name == "chord") {
        constexpr double tones[][2] = {{0.3, 220.0}, {0.25, 1046.5}, {0.1, 3520.0}, {0.01, 9000.0}};
        for (int n = 0; n < testing::signal_samples; ++n) {
            double sum = 0.0;
            for (const auto& [amplitude, frequency] : tones) {
                sum += amplitude * std::sin(2.0 * pi * frequency * n / testing::signal_rate);
            }
            samples[static_cast<std::size_t>(n)] = testing::sixteen_bits(sum);
        }
    } else if (name == "sweep") {
        for (int n = 0; n < testing::signal_samples; ++n) {
            const double t = n / testing::signal_rate;
            samples[static_cast<std::size_t>(n)] =
                testing::sixteen_bits(0.9 * std::exp(-n / 2000.0) * std::sin(2.0 * pi * (100.0 * t + 2000.0 * t * t)));
        }
    } else if (name == "clicks") {
        samples[0] = 32767;
        samples[5000] = -20000;
        samples[5001] = 20000;
        samples[20000] = 1;
        samples[testing::signal_samples - 1] = -32768;
    } else {
        throw std::runtime_error("no signal named " + name);
    }
    return samples;
}

inline std::vector<float> to_floats(const std::vector<std::int16_t>& samples) {
    std::vector<float> floats;
    for (const std::int16_t sample : samples) floats.push_back(static_cast<float>(sample) / 32768.0F);
    return floats;
}

/// Reproducible noise from -1 to 1.
inline std::vector<float> make_noise(std::size_t samples, std::uint32_t seed = 1) {
    std::vector<float> noise(samples);
    for (auto& sample : noise) {
        seed = seed * 1664525U + 1013904223U;
        sample = static_cast<float>(static_cast<int>(seed >> 16) - 32768) / 32768.0F;
    }
    return noise;
}

/// Decodes a file with the ffmpeg program, which shares no code of ours; empty when that is not installed.
inline std::vector<float> decode_with_ffmpeg(const std::filesystem::path& path) {
    const std::string command = "ffmpeg -v error -nostdin -i '" + path.string() + "' -f f32le -ac 1 - 2>/dev/null";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::vector<float> samples;
    if (!pipe) return samples;
    std::vector<float> chunk(65536);
    while (const std::size_t count = std::fread(chunk.data(), sizeof(float), chunk.size(), pipe.get())) {
        samples.insert(samples.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return samples;
}

}  // namespace earmark::testing
