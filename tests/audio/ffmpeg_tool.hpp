#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/input/input_file.hpp"
#include "earmark/audio.hpp"
#include "earmark/error.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::testing {

namespace fs = std::filesystem;

/// Tests that make their inputs with the `ffmpeg` program, in a temporary folder.
class WithFfmpeg : public ::testing::Test {
  protected:
    void SetUp() override {
        static const bool found = std::system("ffmpeg -version >/dev/null 2>&1") == 0;
        if (!found) GTEST_SKIP() << "the ffmpeg program is not installed (Debian package: ffmpeg)";
    }

    std::shared_ptr<audio::Input> input(const std::string& name) const {
        return std::make_shared<audio::InputFile>(file(name));
    }
    testing::fs::path file(const std::string& name) const { return folder_.path() / name; }

    /// Runs ffmpeg in the temporary folder.
    void ffmpeg(const std::string& arguments) const {
        const std::string command = "cd '" + folder_.path().string() + "' && ffmpeg -nostdin -v error -y " + arguments;
        ASSERT_EQ(std::system(command.c_str()), 0) << command;
    }

    /// Makes `name`: tones of other heights left and right, 44.1 kHz, through the given output options.
    testing::fs::path tone(const std::string& name, const std::string& options = "", double seconds = 3.3) const {
        ffmpeg("-f lavfi -i \"aevalsrc='0.4*sin(440*2*PI*t)+0.2*sin(1234*2*PI*t)|0.3*sin(600*2*PI*t)':s=44100:d=" +
               std::to_string(seconds) + "\" " + options + " " + name);
        return file(name);
    }

    /// What ffmpeg decodes of a file: the mean of the channels, at the file's own rate.
    std::vector<float> reference(const std::string& name, int channels) const {
        ffmpeg("-i " + name + " -map 0:a:0 -f f32le " + name + ".f32le");
        return mono_of(name + ".f32le", channels);
    }

    /// The mean of the channels of raw float samples.
    std::vector<float> mono_of(const std::string& name, int channels) const {
        std::ifstream stream(file(name), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(stream), {});
        std::vector<float> samples(bytes.size() / sizeof(float));
        std::copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(samples.size() * sizeof(float)),
                  reinterpret_cast<char*>(samples.data()));
        std::vector<float> mono(samples.size() / channels);
        for (std::size_t i = 0; i < mono.size(); ++i) {
            double sum = 0.0;
            for (int c = 0; c < channels; ++c) sum += samples[i * channels + c];
            mono[i] = static_cast<float>(sum / channels);
        }
        return mono;
    }

    testing::TemporaryFolder folder_;
};

/// Reads a file to its end.
struct Decoded {
    explicit Decoded(const testing::fs::path& path, int sample_rate = 0) {
        AudioReader reader(path, {.sample_rate = sample_rate});
        info = reader.info();
        rate = reader.sample_rate();
        for (auto chunk = reader.read(); !chunk.empty(); chunk = reader.read()) {
            samples.insert(samples.end(), chunk.begin(), chunk.end());
        }
        EXPECT_EQ(reader.position(), std::ssize(samples));
        EXPECT_TRUE(reader.read().empty());
        warnings = reader.warnings();
    }

    AudioInfo info;
    int rate = 0;
    std::vector<float> samples;
    std::vector<std::string> warnings;
};

inline float largest_difference(std::span<const float> a, std::span<const float> b) {
    if (a.size() != b.size()) return HUGE_VALF;
    float largest = 0.0F;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(a[i] - b[i]));
    return largest;
}

/// The Error that `action` throws; fails the test when it throws none.
template <typename Action>
Error error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no Error was thrown";
    return Error(ErrorCode::internal, "none");
}

inline Error error_reading(const testing::fs::path& path) {
    return testing::error_of([&] { testing::Decoded{path}; });
}

inline std::string bytes_of(const testing::fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

inline testing::fs::path write_bytes(const testing::fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

/// A WAV file of 32-bit float samples.
inline std::string float_wav(const std::vector<float>& samples, int channels, int rate) {
    std::string out;
    const auto number = [&](std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
    };
    const std::uint64_t bytes = samples.size() * sizeof(float);
    out += "RIFF";
    number(36 + bytes, 4);
    out += "WAVEfmt ";
    number(16, 4);
    number(3, 2);  // floating point
    number(static_cast<std::uint64_t>(channels), 2);
    number(static_cast<std::uint64_t>(rate), 4);
    number(static_cast<std::uint64_t>(rate) * channels * sizeof(float), 4);
    number(channels * sizeof(float), 2);
    number(32, 2);
    out += "data";
    number(bytes, 4);
    out.append(reinterpret_cast<const char*>(samples.data()), bytes);
    return out;
}

}  // namespace earmark::testing
