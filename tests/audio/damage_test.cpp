#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <limits>

#include "audio/decoder.hpp"
#include "audio/ffmpeg_tool.hpp"
#include "audio/input/input_file.hpp"

namespace earmark::audio {
namespace {

using testing::bytes_of;
using testing::Decoded;
using testing::error_of;
using testing::error_reading;
using testing::float_wav;
using testing::write_bytes;

class Damage : public testing::WithFfmpeg {};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The first 60 % of a file.
std::string cut(const std::string& bytes) {
    return bytes.substr(0, bytes.size() * 6 / 10);
}

TEST_F(Damage, OfACutFileWhatDecodesIsUsed) {
    struct Case {
        const char* name;
        const char* options;
        bool declares;
    };
    for (const Case& c :
         {Case{"a.mp3", "-b:a 128k", true}, Case{"bare.mp3", "-b:a 128k -write_xing 0", false},
          Case{"a.flac", "", true}, Case{"a.wav", "", true}, Case{"a.aiff", "", true}, Case{"a.au", "", true},
          Case{"a.m4a", "-movflags +faststart", true}, Case{"alac.m4a", "-c:a alac -movflags +faststart", true},
          Case{"a.wma", "", false}, Case{"a.ogg", "", false}, Case{"a.opus", "", false}, Case{"a.caf", "", false},
          Case{"a.aac", "", false}, Case{"a.wv", "", true}, Case{"a.mka", "-c:a libvorbis", true}}) {
        SCOPED_TRACE(c.name);
        const std::string whole = testing::bytes_of(tone(c.name, c.options, 10.0));
        const testing::Decoded decoded(testing::write_bytes(file(c.name), cut(whole)));
        const double seconds = static_cast<double>(decoded.samples.size()) / decoded.rate;
        EXPECT_NEAR(seconds, 6.0, 1.0);  // Ogg has pages of a second
        ASSERT_FALSE(decoded.warnings.empty());
        EXPECT_LE(decoded.warnings.size(), 2U);
        EXPECT_TRUE(contains(decoded.warnings[0], "cut short or damaged")) << decoded.warnings[0];
        EXPECT_FALSE(contains(decoded.warnings[0], c.name));
        EXPECT_EQ(contains(decoded.warnings[0], "that the file declares are missing"), c.declares)
            << decoded.warnings[0];
        if (c.declares) {
            EXPECT_NEAR(std::stod(decoded.warnings[0]), 10.0 - seconds, 0.15) << decoded.warnings[0];
        }
    }
}

TEST_F(Damage, M4aWithoutItsIndexSaysWhy) {
    const std::string whole = testing::bytes_of(tone("a.m4a", "", 10.0));  // the index is at the end
    const Error error = testing::error_reading(testing::write_bytes(file("a.m4a"), cut(whole)));
    EXPECT_EQ(error.code(), ErrorCode::no_audio);
    EXPECT_TRUE(contains(error.what(), "a.m4a")) << error.what();
    EXPECT_TRUE(contains(error.what(), "cut short or damaged")) << error.what();
}

TEST_F(Damage, EveryLengthOfACutFileEndsWell) {
    for (const char* name : {"a.mp3", "a.flac", "a.m4a", "a.ogg", "a.wav", "a.wma", "a.opus", "a.aiff"}) {
        const std::string whole = testing::bytes_of(tone(name, "-movflags +faststart", 0.3));
        for (std::size_t size = 1; size < whole.size(); size += 1 + whole.size() / 60) {
            SCOPED_TRACE(std::string(name) + " cut to " + std::to_string(size));
            try {
                testing::Decoded{testing::write_bytes(file(name), whole.substr(0, size))};
            } catch (const Error& error) {
                EXPECT_TRUE(error.code() == ErrorCode::no_audio || error.code() == ErrorCode::unsupported)
                    << error.what();
            }
        }
    }
}

TEST_F(Damage, DamagedPiecesAreCountedInOneSentence) {
    for (const char* name : {"a.mp3", "a.flac", "a.aac"}) {
        SCOPED_TRACE(name);
        std::string bytes = testing::bytes_of(tone(name, "", 10.0));
        const std::size_t intact = testing::Decoded(file(name)).samples.size();
        std::uint32_t state = 1;
        for (int hole = 1; hole < 5; ++hole) {
            for (std::size_t i = 0; i < 3000; ++i) {
                state = state * 1664525 + 1013904223;
                bytes[bytes.size() / 5 * hole + i] = static_cast<char>(state >> 24);
            }
        }
        const testing::Decoded decoded(testing::write_bytes(file(name), bytes));
        EXPECT_GT(decoded.samples.size(), intact / 2);
        int sentences = 0;
        for (const std::string& warning : decoded.warnings)
            sentences += contains(warning, "pieces could not be decoded");
        EXPECT_EQ(sentences, 1);
        for (const float sample : decoded.samples) ASSERT_LE(std::fabs(sample), 2.0F);
    }
}

TEST_F(Damage, AFlippedBitInFlacIsNoticed) {
    std::string bytes = testing::bytes_of(tone("a.flac", "", 5.0));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
    const testing::Decoded decoded(testing::write_bytes(file("a.flac"), bytes));
    ASSERT_EQ(decoded.warnings.size(), 1U);
    EXPECT_TRUE(contains(decoded.warnings[0], "1 of ")) << decoded.warnings[0];
}

TEST_F(Damage, WavThatSaysMoreThanItHas) {
    std::string bytes = testing::bytes_of(tone("a.wav", "-bitexact", 1.0));
    const std::size_t data = bytes.find("data");
    const auto say = [&](std::uint32_t size) {
        for (int i = 0; i < 4; ++i) bytes[data + 4 + i] = static_cast<char>(size >> (8 * i));
        return testing::Decoded(testing::write_bytes(file("b.wav"), bytes));
    };
    const testing::Decoded twice = say(2 * 176400);
    EXPECT_EQ(twice.samples.size(), 44100U);
    ASSERT_EQ(twice.warnings.size(), 1U);
    EXPECT_EQ(twice.warnings[0], "1 s of the 2 s that the file declares are missing: it is cut short or damaged.");
    // What programs write that cannot know the length beforehand.
    for (const std::uint32_t unknown : {0xFFFFFFFFU, 0xFFFFFFDBU, 0x7FFFFFFFU, 0x7FFFF000U, 0x80000000U}) {
        const testing::Decoded piped = say(unknown);
        EXPECT_EQ(piped.samples.size(), 44100U);
        EXPECT_TRUE(piped.warnings.empty()) << piped.warnings.front();
        EXPECT_EQ(piped.info.declared_seconds, 0.0);
    }
}

TEST(Samples, ThatAreNotFiniteBecomeSilence) {
    const testing::TemporaryFolder folder;
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    constexpr float inf = std::numeric_limits<float>::infinity();
    std::vector<float> samples(2000, 0.25F);
    samples[10] = nan;
    samples[11] = inf;
    samples[1500] = -inf;
    samples[12] = 3e6F;
    samples[13] = -1e38F;
    samples[14] = 1e6F;
    const testing::Decoded decoded(
        testing::write_bytes(folder.path() / "nan.wav", testing::float_wav(samples, 1, 22050)));
    ASSERT_EQ(decoded.samples.size(), samples.size());
    EXPECT_EQ(decoded.samples[9], 0.25F);
    EXPECT_EQ(decoded.samples[10], 0.0F);
    EXPECT_EQ(decoded.samples[11], 0.0F);
    EXPECT_EQ(decoded.samples[1500], 0.0F);
    EXPECT_EQ(decoded.samples[12], 1e6F);
    EXPECT_EQ(decoded.samples[13], -1e6F);
    EXPECT_EQ(decoded.samples[14], 1e6F);
    EXPECT_EQ(decoded.samples[15], 0.25F);
    ASSERT_EQ(decoded.warnings.size(), 2U);
    EXPECT_EQ(decoded.warnings[0], "3 of 2000 samples are not finite numbers and count as silence.");
    EXPECT_EQ(decoded.warnings[1], "2 of 2000 samples are beyond ±1000000 and were brought to it.");

    // Resampled, all of it stays finite.
    for (const float sample : testing::Decoded(folder.path() / "nan.wav", 16000).samples)
        ASSERT_TRUE(std::isfinite(sample));
}

TEST(Samples, OneIsEnough) {
    const testing::TemporaryFolder folder;
    const auto path = testing::write_bytes(folder.path() / "one.wav", testing::float_wav({0.5F}, 1, 22050));
    EXPECT_EQ(testing::Decoded(path, 22050).samples, std::vector<float>{0.5F});
    EXPECT_LE(testing::Decoded(path, 8000).samples.size(), 1U);
    EXPECT_EQ(testing::error_reading(testing::write_bytes(folder.path() / "none.wav", testing::float_wav({}, 1, 22050)))
                  .code(),
              ErrorCode::no_audio);
}

TEST(Samples, AtAnImpossibleRateAreRefused) {
    const testing::TemporaryFolder folder;
    for (const int rate : {1, 999, 2'000'000'000}) {
        const auto path =
            testing::write_bytes(folder.path() / "rate.wav", testing::float_wav(std::vector<float>(5000), 1, rate));
        const ErrorCode code = testing::error_reading(path).code();
        EXPECT_TRUE(code == ErrorCode::unsupported || code == ErrorCode::no_audio);
    }
}

class Changing : public ::testing::Test {
  protected:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_ = testing::write_bytes(
        folder_.path() / "a.wav", testing::float_wav(std::vector<float>(2'000'000, 0.1F), 1, 22050));

    ErrorCode code_after(const std::function<void()>& change) {
        AudioReader reader(path_);
        EXPECT_FALSE(reader.read().empty());
        change();
        const Error error = testing::error_of([&] {
            while (!reader.read().empty()) {
            }
        });
        EXPECT_TRUE(contains(error.what(), path_.string()));
        EXPECT_EQ(testing::error_of([&] { reader.read(); }).code(), error.code()) << "and the same when asked again";
        return error.code();
    }
};

TEST_F(Changing, AFileThatGrowsIsNoticed) {
    EXPECT_EQ(code_after([&] { std::ofstream(path_, std::ios::app | std::ios::binary) << "more"; }),
              ErrorCode::changed);
}

TEST_F(Changing, AFileThatIsCutIsNoticed) {
    EXPECT_EQ(code_after([&] { std::filesystem::resize_file(path_, 100'000); }), ErrorCode::changed);
}

TEST_F(Changing, AFileThatIsOverwrittenIsNoticed) {
    EXPECT_EQ(code_after([&] {
                  std::fstream stream(path_, std::ios::in | std::ios::out | std::ios::binary);
                  stream.seekp(1'000'000);
                  stream << "other bytes";
                  stream.close();
                  // A clock may tick too slowly to tell the two apart.
                  std::filesystem::last_write_time(
                      path_, std::filesystem::last_write_time(path_) + std::chrono::milliseconds(20));
              }),
              ErrorCode::changed);
}

TEST_F(Changing, AFileThatIsRemovedWhileReadIsReadToItsEnd) {
    AudioReader reader(path_);
    std::filesystem::remove(path_);
    while (!reader.read().empty()) {
    }
    EXPECT_EQ(reader.position(), 2'000'000);
}

TEST_F(Changing, ADiskThatFailsIsReported) {
    const auto input = std::make_shared<InputFile>(path_);
    Decoder decoder(input);
    EXPECT_FALSE(decoder.next().samples.empty());
    // Reading a folder fails as reading a broken disk does.
    const int folder = ::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_GE(folder, 0);
    ASSERT_GE(::dup2(folder, input->descriptor()), 0);
    ::close(folder);
    const Error error = testing::error_of([&] {
        while (!decoder.next().samples.empty()) {
        }
    });
    EXPECT_EQ(error.code(), ErrorCode::unreadable);
}

}  // namespace
}  // namespace earmark::audio
