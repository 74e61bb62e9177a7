#include <csignal>
#include <fstream>
#include <set>
#include <sstream>

#include "audio/ffmpeg_tool.hpp"
#include "audio/input/stream_input.hpp"
#include "audio/mixing/sample_mixer.hpp"

namespace earmark::audio {
namespace {

using testing::bytes_of;
using testing::Decoded;
using testing::error_of;
using testing::float_wav;

std::span<const std::byte> as_bytes(const std::string& text) {
    return std::as_bytes(std::span(text));
}

/// Hands `text` out in pieces of at most `piece` bytes, as a pipe does.
ByteSource pipe_of(const std::string& text, std::size_t piece = 1000) {
    return [&text, piece, at = std::size_t{0}](std::span<std::byte> buffer) mutable {
        const std::size_t count = std::min({piece, buffer.size(), text.size() - at});
        std::memcpy(buffer.data(), text.data() + at, count);
        at += count;
        return count;
    };
}

std::vector<float> read_all(AudioReader& reader) {
    std::vector<float> samples;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
        samples.insert(samples.end(), piece.begin(), piece.end());
    }
    return samples;
}

class Inputs : public testing::WithFfmpeg {};

/// Formats with their table of contents at the front and at the back, with lengths that are declared and estimated.
TEST_F(Inputs, MemoryAndStreamsGiveTheSamplesOfTheFile) {
    const std::pair<const char*, const char*> formats[] = {
        {"a.wav", ""},
        {"a.flac", ""},
        {"a.mp3", "-q:a 5"},
        {"cbr.mp3", "-b:a 128k -write_xing 0"},
        {"a.ogg", "-c:a libvorbis"},
        {"a.opus", "-c:a libopus"},
        {"a.m4a", "-c:a aac"},
        {"front.m4a", "-c:a aac -movflags faststart"},
        {"a.aac", "-c:a aac"},
        {"a.mka", "-c:a libopus"},
        {"a.webm", "-c:a libopus"},
        {"a.wma", ""},
        {"a.tta", ""},
        {"a.wv", ""},
        {"a.aiff", ""},
        {"a.ac3", ""},
    };
    for (const auto& [name, options] : formats) {
        SCOPED_TRACE(name);
        const Decoded from_file(tone(name, options), 22050);
        const std::string bytes = bytes_of(file(name));
        AudioReader memory(as_bytes(bytes), {.name = name});
        EXPECT_EQ(read_all(memory), from_file.samples);
        EXPECT_EQ(memory.warnings(), from_file.warnings);
        EXPECT_EQ(memory.info().codec, from_file.info.codec);
        EXPECT_EQ(memory.info().declared_seconds, from_file.info.declared_seconds);

        AudioReader pulled(pipe_of(bytes), {.name = name});
        EXPECT_EQ(read_all(pulled), from_file.samples);
        EXPECT_EQ(pulled.warnings(), from_file.warnings);
        AudioReader again = pulled.reopen();
        again.decode_ahead();
        EXPECT_EQ(read_all(again), from_file.samples);

        std::istringstream stream(bytes);
        AudioReader streamed(stream, {.name = name});
        EXPECT_EQ(streamed.seconds(), AudioReader(file(name)).seconds());
        EXPECT_EQ(read_all(streamed), from_file.samples);
    }
}

TEST_F(Inputs, NoFormatIsCalledDamaged) {
    const std::pair<const char*, const char*> formats[] = {
        {"a.webm", "-c:a libopus"},
        {"b.webm", "-c:a libvorbis"},
        {"a.tta", ""},
        {"a.wv", ""},
        {"a.mka", "-c:a flac"},
        {"a.ac3", ""},
        {"a.caf", ""},
        {"a.w64", ""},
        {"a.avi", "-c:a mp2"},
        {"a.ts", "-c:a mp2"},
        {"a.nut", "-c:a flac"},
        {"a.spx", "-c:a libspeex"},
        {"a.au", ""},
        {"a.mp2", ""},
    };
    for (const auto& [name, options] : formats) {
        SCOPED_TRACE(name);
        for (const double seconds : {1.0, 3.3}) {
            EXPECT_EQ(Decoded(tone(name, options, seconds)).warnings, std::vector<std::string>{});
        }
    }
}

TEST(Input, AStreamSeeksIntoWhatIsLongPast) {
    std::vector<float> samples;
    for (int i = 0; i < 200'000; ++i) samples.push_back(std::sin(0.01F * static_cast<float>(i)));
    const std::string wav = float_wav(samples, 1, 22050);
    AudioReader reader(pipe_of(wav), {.sample_rate = 0});
    ASSERT_TRUE(reader.skip_to(150'000));
    EXPECT_EQ(reader.read(1)[0], samples[150'000]);
    AudioReader again = reader.reopen();
    EXPECT_EQ(again.read(1)[0], samples[0]);
}

TEST(Input, ALongStreamIsKeptInATemporaryFile) {
    std::string text;
    for (int i = 0; i < 300'000; ++i) text += static_cast<char>('a' + i % 23);
    const testing::TemporaryFolder folder;
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    StreamInput input(pipe_of(text), "a stream", 100'000);
    std::string got(1000, '\0');
    const auto read = [&](std::int64_t offset) {
        return input.read(offset, {reinterpret_cast<std::uint8_t*>(got.data()), got.size()});
    };
    for (const std::int64_t offset : {0, 99'500, 250'000, 70'000, 500}) {
        ASSERT_EQ(read(offset), 1000);
        EXPECT_EQ(got, text.substr(static_cast<std::size_t>(offset), 1000));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));  // it has no name
    EXPECT_EQ(input.size(), 300'000);
    EXPECT_EQ(read(299'990), 10);
    EXPECT_EQ(read(300'000), 0);
    input.check_readable();

    ::setenv("TMPDIR", (folder.path() / "missing").c_str(), 1);
    StreamInput homeless(pipe_of(text), "a stream", 100'000);
    EXPECT_LT(homeless.size(), 300'000);
    EXPECT_THROW(homeless.check_readable(), std::exception);
    ::unsetenv("TMPDIR");
}

TEST(Input, NamesWhatItRefuses) {
    const auto refused = [](const std::string& bytes, AudioOptions options = {}) {
        const Error memory = error_of([&] { AudioReader(as_bytes(bytes), options); });
        const Error stream = error_of([&] { AudioReader(pipe_of(bytes), options); });
        EXPECT_EQ(memory.code(), stream.code());
        return memory;
    };
    const Error empty = refused("", {.name = "upload.mp3"});
    EXPECT_EQ(empty.code(), ErrorCode::no_audio);
    EXPECT_EQ(std::string(empty.what()).rfind("upload.mp3: is empty", 0), 0U) << empty.what();
    EXPECT_EQ(refused("It was a dark and stormy night.").code(), ErrorCode::no_audio);
    EXPECT_EQ(refused("#EXTM3U\nfile:///etc/passwd\n").code(), ErrorCode::unsupported);
    EXPECT_EQ(refused("ffconcat version 1.0\nfile /etc/passwd\n").code(), ErrorCode::unsupported);
    EXPECT_EQ(refused("RIFF", {.sample_rate = 1}).code(), ErrorCode::bad_option);
    EXPECT_EQ(error_of([] { AudioReader{ByteSource()}; }).code(), ErrorCode::bad_option);
}

/// What is no audio is refused by its beginning, though the stream never ends.
TEST(Input, AnEndlessStreamOfTextIsRefusedAtOnce) {
    std::size_t pulled = 0;
    const ByteSource endless = [&](std::span<std::byte> buffer) {
        std::fill(buffer.begin(), buffer.end(), std::byte{'x'});
        pulled += buffer.size();
        return buffer.size();
    };
    EXPECT_EQ(error_of([&] { AudioReader reader(endless); }).code(), ErrorCode::no_audio);
    EXPECT_LT(pulled, std::size_t{4} << 20);
}

TEST(Input, WhatAStreamThrowsIsThrownOn) {
    const std::string wav = float_wav(std::vector<float>(100'000, 0.1F), 1, 22050);
    struct Torn : std::exception {};
    for (const std::size_t after : {std::size_t{0}, std::size_t{200'000}}) {
        for (const bool ahead : {false, true}) {
            const ByteSource source = [&, inner = pipe_of(wav),
                                       at = std::size_t{0}](std::span<std::byte> buffer) mutable {
                if (at >= after) throw Torn();
                const std::size_t got = inner(buffer);
                at += got;
                return got;
            };
            const auto read = [&] {
                AudioReader reader(source);
                if (ahead) reader.decode_ahead();
                read_all(reader);
            };
            EXPECT_THROW(read(), Torn) << after;
        }
    }
    std::ifstream missing("/there/is/no/such/file");
    EXPECT_EQ(error_of([&] { AudioReader reader(missing); }).code(), ErrorCode::unreadable);
}

/// Mixed and resampled by hand, piece by piece, samples are what a file of them is decoded to.
TEST(SampleMixer, GivesWhatAFileOfTheSamplesGives) {
    const testing::TemporaryFolder folder;
    for (const int channels : {1, 2, 3, 6}) {
        for (const int rate : {8000, 22050, 44100, 96000}) {
            std::vector<float> samples;
            for (int i = 0; i < 40'000 * channels; ++i) {
                samples.push_back(0.7F * static_cast<float>(std::sin(0.003 * i + i % channels)));
            }
            // With more channels the last bit depends on where the pieces with such samples begin.
            const bool broken = channels <= 2;
            if (broken) samples[7] = std::numeric_limits<float>::quiet_NaN();
            const auto path = testing::write_bytes(folder.path() / "a.wav", float_wav(samples, channels, rate));
            const Decoded from_file(path, 22050);
            SampleMixer mixer({samples, rate, channels}, 22050);
            std::vector<float> mixed;
            for (auto piece = mixer.read(); !piece.empty(); piece = mixer.read()) {
                mixed.insert(mixed.end(), piece.begin(), piece.end());
            }
            EXPECT_EQ(mixed, from_file.samples) << channels << " " << rate;
            EXPECT_EQ(mixer.warnings(), from_file.warnings);
            EXPECT_EQ(mixer.warnings().size(), broken ? 1U : 0U);
        }
    }
}

TEST(SampleMixer, RefusesWhatIsNoSound) {
    const std::vector<float> samples(7);
    const auto code = [&](int rate, int channels) {
        return error_of([&] { SampleMixer({samples, rate, channels}, 22050); }).code();
    };
    EXPECT_EQ(code(0, 1), ErrorCode::bad_option);
    EXPECT_EQ(code(999, 1), ErrorCode::bad_option);
    EXPECT_EQ(code(16'000'001, 1), ErrorCode::bad_option);
    EXPECT_EQ(code(44100, 0), ErrorCode::bad_option);
    EXPECT_EQ(code(44100, -2), ErrorCode::bad_option);
    EXPECT_EQ(code(44100, 2), ErrorCode::bad_data);
    SampleMixer nothing({{}, 44100, 2}, 22050);
    EXPECT_TRUE(nothing.read().empty());
}

}  // namespace
}  // namespace earmark::audio
