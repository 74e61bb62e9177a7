#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "earmark/model.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;

/// A WAV file of `seconds` of 8-bit sawtooth at 8 kHz.
void write_long_wav(const fs::path& path, std::uint32_t seconds) {
    std::ofstream file(path, std::ios::binary);
    const auto u32 = [&](std::uint32_t value) { file.write(reinterpret_cast<const char*>(&value), 4); };
    const std::uint32_t bytes = seconds * 8000;
    file << "RIFF";
    u32(36 + bytes);
    file << "WAVEfmt ";
    u32(16);
    u32(1 | (1 << 16));
    u32(8000);
    u32(8000);
    u32(1 | (8 << 16));
    file << "data";
    u32(bytes);
    std::vector<char> second(8000);
    for (std::size_t i = 0; i < second.size(); ++i) second[i] = static_cast<char>(80 + i % 93);
    for (std::uint32_t i = 0; i < seconds; ++i) file.write(second.data(), static_cast<std::streamsize>(second.size()));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

class Memory : public ::testing::Test {
  protected:
    void SetUp() override {
        if (sanitized) GTEST_SKIP() << "a sanitizer's own memory grows with every allocation";
    }
};

TEST_F(Memory, DoesNotGrowWithTheLengthOfAFile) {
    const testing::TemporaryFolder folder;
    const fs::path model = folder.path() / "model.safetensors";
    save_model(testing::random_model("cnn"), model);
    const fs::path brief = folder.path() / "brief.wav";
    const fs::path whole_day = folder.path() / "long.wav";
    write_long_wav(brief, 30);
    write_long_wav(whole_day, 10 * 3600);
    const auto peak = [&](const fs::path& file) {
        const auto result = testing::earmark({"classify", "--jobs", "1", "--model", model.string(), file.string()});
        EXPECT_EQ(result.status, 0) << result.messages;
        return result.peak_kib;
    };
    const long small = peak(brief);
    const long large = peak(whole_day);
    std::printf("peak memory of earmark classify: %.1f MiB for 30 s, %.1f MiB for 10 h\n",
                static_cast<double>(small) / 1024.0, static_cast<double>(large) / 1024.0);
    EXPECT_LE(large - small, 20 * 1024) << small << " KiB for 30 s, " << large << " KiB for 10 h";
    const auto features = [&](const fs::path& file) {
        const auto result =
            testing::earmark({"features", file.string(), "--output", (folder.path() / "x.npy").string()});
        EXPECT_EQ(result.status, 0) << result.messages;
        return result.peak_kib;
    };
    EXPECT_LE(features(whole_day) - features(brief), 20 * 1024);
}

TEST_F(Memory, OfTheDefaultModelIsLessThan120Megabytes) {
    const testing::TemporaryFolder folder;
    for (const std::uint32_t seconds : {30U, 3600U}) {
        const fs::path file = folder.path() / (std::to_string(seconds) + ".wav");
        write_long_wav(file, seconds);
        const auto result =
            testing::earmark({"classify", "--model", EARMARK_SOURCE_DIR "/models/default.safetensors", file.string()});
        EXPECT_EQ(result.status, 0) << result.messages;
        std::printf("peak memory of earmark classify with `default`: %.1f MB for %u s\n",
                    static_cast<double>(result.peak_kib) * 1.024e-3, seconds);
        EXPECT_LT(result.peak_kib * 1024, 120'000'000) << seconds << " s";
    }
}

TEST_F(Memory, OfAScanOnTwoCoresIsLessThan180Megabytes) {
    const testing::TemporaryFolder folder;
    const fs::path library = folder.path() / "library";
    fs::create_directory(library);
    // Of so many lengths that the network gets batches of every size.
    for (std::uint32_t seconds = 6; seconds <= 240; seconds += 6) {
        write_long_wav(library / (std::to_string(seconds) + ".wav"), seconds);
    }
    const auto result =
        testing::earmark({"scan", "--jobs", "2", "--model", EARMARK_SOURCE_DIR "/models/default.safetensors", "--index",
                          (folder.path() / "index").string(), library.string()});
    EXPECT_EQ(result.status, 0) << result.messages;
    std::printf("peak memory of earmark scan with `default` on two cores: %.1f MB\n",
                static_cast<double>(result.peak_kib) * 1.024e-3);
    EXPECT_LT(result.peak_kib * 1024, 180'000'000);
}

}  // namespace
}  // namespace earmark
