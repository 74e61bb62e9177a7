#include <algorithm>
#include <cmath>
#include <random>

#include "audio/ffmpeg_tool.hpp"
#include "support/wav.hpp"

namespace earmark::audio {
namespace {

using testing::Decoded;

/// What a reader that skipped to `sample` reads from there, `count` samples at the most.
std::vector<float> read_from(AudioReader& reader, std::int64_t sample, std::int64_t count) {
    std::vector<float> samples;
    if (!reader.skip_to(sample)) return samples;
    EXPECT_EQ(reader.position(), sample);
    while (std::ssize(samples) < count) {
        const auto piece = reader.read(static_cast<std::size_t>(count - std::ssize(samples)));
        if (piece.empty()) break;
        samples.insert(samples.end(), piece.begin(), piece.end());
    }
    return samples;
}

class Skip : public testing::WithFfmpeg {
  protected:
    /// Encodes two tones that rise and fall, with some noise, so that no two stretches are alike.
    std::filesystem::path chirp(const std::string& name, const std::string& options = "", int seconds = 12) const {
        constexpr int rate = 44100;
        std::vector<float> samples;
        std::minstd_rand random;
        for (int i = 0; i < seconds * rate; ++i) {
            const double time = static_cast<double>(i) / rate;
            const double noise = 0.02 * static_cast<double>(random()) / std::minstd_rand::max();
            samples.push_back(static_cast<float>(0.4 * std::sin(2 * M_PI * time * (200 + 40 * time)) + noise));
            samples.push_back(static_cast<float>(0.3 * std::sin(2 * M_PI * time * (900 - 17 * time))));
        }
        testing::write_wav(file("source.wav"), samples, rate, 2);
        ffmpeg("-i source.wav " + options + " " + name);
        return file(name);
    }

    /// Compares stretches of a second with the same of a reader that read through.
    void expect_same(const std::string& name, int rate, float tolerance) const {
        SCOPED_TRACE(name + " at " + std::to_string(rate));
        const testing::Decoded whole(file(name), rate);
        AudioReader reader(file(name), {.sample_rate = rate});
        const std::int64_t second = reader.sample_rate();
        for (const std::int64_t start : {second * 3 + 17, second * 8 + 1, second * 9 + 5, second * 11}) {
            const std::vector<float> found = read_from(reader, start, second);
            ASSERT_EQ(std::ssize(found), second) << start;
            EXPECT_LE(testing::largest_difference(found, std::span(whole.samples).subspan(start, second)), tolerance)
                << start;
        }
        EXPECT_TRUE(reader.warnings().empty()) << reader.warnings().front();
    }
};

TEST_F(Skip, GivesWhatReadingThroughGives) {
    struct Format {
        const char* name;
        const char* options;
        float tolerance;
    };
    const Format formats[] = {
        {"a.wav", "", 1e-6F},
        {"a.aiff", "", 1e-6F},
        {"a.flac", "", 1e-6F},
        {"a.mp3", "-b:a 192k", 1e-4F},
        {"vbr.mp3", "-q:a 4", 1e-4F},
        {"low.mp3", "-b:a 16k -ar 16000 -ac 1", 1e-4F},
        {"no-header.mp3", "-b:a 128k -write_xing 0", 1e-4F},
        {"a.mp2", "-c:a mp2", 1e-4F},
        {"a.ogg", "-c:a libvorbis", 1e-4F},
        {"flac.ogg", "-c:a flac", 1e-6F},
        {"a.opus", "-c:a libopus", 1e-4F},
        {"a.m4a", "-c:a aac -aac_pns 0", 1e-4F},
        {"fragments.m4a", "-c:a aac -aac_pns 0 -movflags +frag_keyframe+empty_moov", 1e-4F},
        {"alac.m4a", "-c:a alac", 1e-6F},
        {"a.aac", "-c:a aac -aac_pns 0", 1e-4F},
        // The decoders put noise of their own making where the encoder left some out.
        {"noise.m4a", "-c:a aac -b:a 160k", 0.02F},
        {"a.wv", "-c:a wavpack", 1e-6F},
        {"a.tta", "-c:a tta", 1e-6F},
    };
    for (const Format& format : formats) {
        chirp(format.name, format.options);
        expect_same(format.name, 0, format.tolerance);
        expect_same(format.name, 22050, std::max(format.tolerance, 1e-6F));
    }
}

/// Containers that round times to milliseconds, and raw streams whose times FFmpeg rounds.
TEST_F(Skip, IsOffByNoMoreThanTheTimesOfTheContainer) {
    for (const auto& [name, options] : {std::pair{"a.mka", "-c:a libvorbis"}, std::pair{"a.webm", "-c:a libopus"}}) {
        SCOPED_TRACE(name);
        chirp(name, options);
        const testing::Decoded whole(file(name));
        AudioReader reader(file(name), {.sample_rate = 0});
        const std::int64_t start = 8 * whole.rate;
        const std::vector<float> found = read_from(reader, start, whole.rate);
        ASSERT_EQ(std::ssize(found), whole.rate);
        float least = HUGE_VALF;
        for (std::int64_t lag = -whole.rate / 1000; lag <= whole.rate / 1000; ++lag) {
            const auto stretch = std::span(whole.samples).subspan(start + lag, found.size());
            least = std::min(least, testing::largest_difference(found, stretch));
        }
        EXPECT_LE(least, 1e-4F);
    }
}

TEST_F(Skip, GoesForwardOnlyAndNotBeyondTheEnd) {
    for (const char* name : {"a.wav", "a.mp3", "a.flac", "a.ogg", "a.m4a"}) {
        SCOPED_TRACE(name);
        chirp(name, "", 5);
        AudioReader reader(file(name));
        EXPECT_TRUE(reader.skip_to(3 * 22050));
        EXPECT_EQ(reader.read(100).size(), 100U);
        EXPECT_EQ(reader.position(), 3 * 22050 + 100);
        EXPECT_TRUE(reader.skip_to(3 * 22050 + 100));
        EXPECT_FALSE(AudioReader(file(name)).skip_to(50 * 22050));
        EXPECT_FALSE(reader.skip_to(22050));
    }
}

TEST_F(Skip, FindsNothingWhereTheFileIsCutShort) {
    for (const char* name : {"a.wav", "a.mp3", "a.flac", "a.ogg", "a.opus"}) {
        SCOPED_TRACE(name);
        const std::string bytes = testing::bytes_of(chirp(name));
        testing::write_bytes(file(name), bytes.substr(0, bytes.size() / 2));
        AudioReader reader(file(name));
        EXPECT_TRUE(reader.skip_to(4 * 22050));
        EXPECT_FALSE(reader.skip_to(10 * 22050));
    }
}

TEST_F(Skip, SecondsAreDeclaredOrCounted) {
    for (const char* name : {"a.wav", "a.mp3", "a.flac", "a.ogg", "a.opus", "a.m4a", "a.aac"}) {
        EXPECT_NEAR(AudioReader(chirp(name)).seconds(), 12.0, 0.1) << name;
    }
    EXPECT_NEAR(AudioReader(chirp("b.mp3", "-q:a 5 -write_xing 0")).seconds(), 12.0, 0.1);
}

class DecodeAhead : public Skip {};

TEST_F(DecodeAhead, GivesTheSameWheneverItBegins) {
    for (const char* name : {"a.mp3", "a.wav"}) {
        const std::vector<float> expected = testing::Decoded(chirp(name, "", 7), 22050).samples;
        for (const int before : {0, 1, 5, 1000}) {
            AudioReader reader(file(name));
            std::vector<float> found;
            int reads = 0;
            for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
                found.insert(found.end(), piece.begin(), piece.end());
                if (++reads >= before) reader.decode_ahead();
            }
            EXPECT_EQ(found, expected) << name << " after " << before;
            EXPECT_TRUE(reader.read().empty());
        }
    }
}

TEST_F(DecodeAhead, HandsOnWarningsAndErrors) {
    const std::string flac = testing::bytes_of(chirp("a.flac"));
    AudioReader cut(testing::write_bytes(file("cut.flac"), flac.substr(0, flac.size() / 2)));
    cut.decode_ahead();
    while (!cut.read().empty()) {
    }
    ASSERT_EQ(cut.warnings().size(), testing::Decoded(file("cut.flac")).warnings.size());
    EXPECT_EQ(cut.warnings(), testing::Decoded(file("cut.flac")).warnings);

    AudioReader changed(file("a.flac"));
    changed.decode_ahead();
    std::filesystem::resize_file(file("a.flac"), flac.size() / 2);
    const auto read_all = [&] {
        while (!changed.read().empty()) {
        }
    };
    EXPECT_EQ(testing::error_of(read_all).code(), ErrorCode::changed);
    EXPECT_EQ(testing::error_of(read_all).code(), ErrorCode::changed);
}

TEST_F(DecodeAhead, CanBeLeftInTheMiddle) {
    chirp("a.mp3", "", 30);
    for (int reads = 0; reads < 4; ++reads) {
        AudioReader reader(file("a.mp3"));
        reader.decode_ahead();
        for (int i = 0; i < reads; ++i) EXPECT_FALSE(reader.read().empty());
    }
}

}  // namespace
}  // namespace earmark::audio
