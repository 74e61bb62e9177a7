#include <cstring>
#include <map>
#include <thread>

#include "audio/ffmpeg_tool.hpp"

namespace earmark::audio {
namespace {

using testing::bytes_of;
using testing::Decoded;
using testing::error_reading;
using testing::largest_difference;
using testing::write_bytes;

class Formats : public testing::WithFfmpeg {};

/// Every sample, and as many of them as ffmpeg writes; intact files raise no warning.
TEST_F(Formats, GiveTheSamplesThatFfmpegGives) {
    struct Format {
        const char* name;
        const char* options;
        const char* container;
        const char* codec;
        int channels = 2;
    };
    const Format formats[] = {
        {"a.wav", "", "wav", "pcm_s16le"},
        {"u8.wav", "-c:a pcm_u8", "wav", "pcm_u8"},
        {"s24.wav", "-c:a pcm_s24le", "wav", "pcm_s24le"},
        {"s32.wav", "-c:a pcm_s32le", "wav", "pcm_s32le"},
        {"s64.wav", "-c:a pcm_s64le", "wav", "pcm_s64le"},
        {"float.wav", "-c:a pcm_f32le", "wav", "pcm_f32le"},
        {"double.wav", "-c:a pcm_f64le", "wav", "pcm_f64le"},
        {"mulaw.wav", "-c:a pcm_mulaw", "wav", "pcm_mulaw"},
        {"a.aiff", "", "aiff", "pcm_s16be"},
        {"a.au", "", "au", "pcm_s16be"},
        {"a.w64", "", "w64", "pcm_s16le"},
        {"a.caf", "", "caf", "pcm_s16be"},
        {"a.flac", "", "flac", "flac"},
        {"s24.flac", "-sample_fmt s32", "flac", "flac"},
        {"a.mp3", "-b:a 128k", "mp3", "mp3"},
        {"vbr.mp3", "-q:a 4", "mp3", "mp3"},
        {"no-header.mp3", "-b:a 128k -write_xing 0", "mp3", "mp3"},
        {"vbr-no-header.mp3", "-q:a 4 -write_xing 0", "mp3", "mp3"},
        {"low.mp3", "-ar 8000 -ac 1", "mp3", "mp3", 1},
        {"a.mp2", "-c:a mp2", "mp3", "mp2"},
        {"a.ogg", "-c:a libvorbis", "ogg", "vorbis"},
        {"flac.ogg", "-c:a flac", "ogg", "flac"},
        {"a.opus", "-c:a libopus", "ogg", "opus"},
        {"a.m4a", "-c:a aac", "mov,mp4,m4a,3gp,3g2,mj2", "aac"},
        {"low.m4a", "-c:a aac -ar 8000 -ac 1", "mov,mp4,m4a,3gp,3g2,mj2", "aac", 1},
        {"fast.m4a", "-c:a aac -movflags +faststart", "mov,mp4,m4a,3gp,3g2,mj2", "aac"},
        {"fragments.m4a", "-c:a aac -movflags +frag_keyframe+empty_moov", "mov,mp4,m4a,3gp,3g2,mj2", "aac"},
        {"alac.m4a", "-c:a alac", "mov,mp4,m4a,3gp,3g2,mj2", "alac"},
        {"alac24.m4a", "-c:a alac -sample_fmt s32p", "mov,mp4,m4a,3gp,3g2,mj2", "alac"},
        {"a.aac", "-c:a aac", "aac", "aac"},
        {"a.wma", "", "asf", "wmav2"},
        {"a.wv", "-c:a wavpack", "wv", "wavpack"},
        {"a.tta", "-c:a tta", "tta", "tta"},
        {"a.ac3", "-c:a ac3", "ac3", "ac3"},
        {"a.mka", "-c:a libvorbis", "matroska,webm", "vorbis"},
        {"a.webm", "-c:a libopus", "matroska,webm", "opus"},
        {"a.ts", "-c:a mp2", "mpegts", "mp2"},
        {"six.flac", "-ac 6", "flac", "flac", 6},
        {"six.ogg", "-ac 6 -c:a libvorbis", "ogg", "vorbis", 6},
    };
    for (const Format& format : formats) {
        SCOPED_TRACE(format.name);
        tone(format.name, format.options);
        const testing::Decoded decoded(file(format.name));
        const std::vector<float> expected = reference(format.name, format.channels);
        ASSERT_GT(expected.size(), 20000U);
        EXPECT_EQ(decoded.samples.size(), expected.size());
        EXPECT_LE(testing::largest_difference(decoded.samples, expected), 1e-6F);
        EXPECT_EQ(decoded.info.container, format.container);
        EXPECT_EQ(decoded.info.codec, format.codec);
        EXPECT_EQ(decoded.info.channels, format.channels);
        EXPECT_EQ(decoded.rate, decoded.info.sample_rate);
        EXPECT_TRUE(decoded.warnings.empty()) << decoded.warnings.front();
    }
}

TEST_F(Formats, SayTheirDurationWhenTheyDeclareOne) {
    EXPECT_NEAR(AudioReader(tone("a.flac")).info().declared_seconds, 3.3, 1e-6);
    EXPECT_NEAR(AudioReader(tone("a.wav")).info().declared_seconds, 3.3, 1e-6);
    EXPECT_NEAR(AudioReader(tone("a.mp3")).info().declared_seconds, 3.3, 0.06);
    EXPECT_EQ(AudioReader(tone("a.aac")).info().declared_seconds, 0.0);
    EXPECT_EQ(AudioReader(tone("b.mp3", "-write_xing 0")).info().declared_seconds, 0.0);
}

TEST_F(Formats, SixteenBitsComeOutExactly) {
    std::vector<std::int16_t> values;
    for (int v = -32768; v < 32768; ++v) values.push_back(static_cast<std::int16_t>(v));
    testing::write_bytes(file("all.raw"), {reinterpret_cast<const char*>(values.data()), values.size() * 2});
    ffmpeg("-f s16le -ar 22050 -ac 1 -i all.raw all.wav");
    ffmpeg("-i all.wav all.flac");
    for (const char* name : {"all.wav", "all.flac"}) {
        const testing::Decoded decoded(file(name), 22050);
        ASSERT_EQ(decoded.samples.size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            ASSERT_EQ(decoded.samples[i], static_cast<float>(values[i]) / 32768.0F);
        }
    }
}

TEST_F(Formats, SoundTrackOfAVideo) {
    tone("tone.wav");
    for (const char* name : {"v.mp4", "v.mkv", "v.avi"}) {
        SCOPED_TRACE(name);
        ffmpeg("-f lavfi -i testsrc=d=5:s=160x120 -i tone.wav -c:v mpeg4 " + std::string(name));
        const testing::Decoded decoded(file(name));
        EXPECT_LE(testing::largest_difference(decoded.samples, reference(name, 2)), 1e-6F);
        EXPECT_TRUE(decoded.warnings.empty()) << decoded.warnings.front();
    }
}

TEST_F(Formats, CoverArtIsNoAudio) {
    ffmpeg("-f lavfi -i testsrc=d=1:s=64x64 -frames:v 1 cover.jpg");
    tone("a.mp3");
    tone("a.m4a");
    tone("a.flac");
    ffmpeg("-i a.mp3 -i cover.jpg -map 0 -map 1 -c copy -disposition:v attached_pic cover.mp3");
    ffmpeg("-i a.m4a -i cover.jpg -map 0 -map 1 -c copy -disposition:v attached_pic cover.m4a");
    ffmpeg("-i a.flac -i cover.jpg -map 0 -map 1 -c copy -disposition:v attached_pic cover.flac");
    for (const char* kind : {"mp3", "m4a", "flac"}) {
        SCOPED_TRACE(kind);
        const testing::Decoded covered(file(std::string("cover.") + kind));
        EXPECT_EQ(covered.samples, testing::Decoded(file(std::string("a.") + kind)).samples);
        EXPECT_TRUE(covered.warnings.empty()) << covered.warnings.front();
    }
    EXPECT_EQ(testing::error_reading(file("cover.jpg")).code(), ErrorCode::no_audio);
}

TEST_F(Formats, TheFirstAudioStreamCounts) {
    tone("one.wav", "-af volume=0.5");
    tone("two.wav", "-ac 6");
    ffmpeg("-i one.wav -i two.wav -map 0 -map 1 -c:a flac both.mka");
    EXPECT_EQ(testing::Decoded(file("both.mka")).samples, testing::Decoded(file("one.wav")).samples);
}

TEST_F(Formats, EightChannelsAt192kHz) {
    ffmpeg("-f lavfi -i \"aevalsrc='sin(880*PI*t)|0|0|0|0|0|0|0':s=192000:d=2\" -c:a pcm_s24le eight.wav");
    const testing::Decoded whole(file("eight.wav"));
    EXPECT_EQ(whole.info.channels, 8);
    EXPECT_LE(testing::largest_difference(whole.samples, reference("eight.wav", 8)), 1e-6F);

    const testing::Decoded decoded(file("eight.wav"), 22050);
    EXPECT_EQ(decoded.rate, 22050);
    ASSERT_EQ(decoded.samples.size(), 44100U);
    for (std::size_t i = 500; i < decoded.samples.size() - 500; ++i) {
        ASSERT_NEAR(decoded.samples[i], std::sin(880 * M_PI * static_cast<double>(i) / 22050) / 8, 1e-5);
    }
    EXPECT_TRUE(decoded.warnings.empty());
}

TEST_F(Formats, ShortFiles) {
    for (const char* kind : {"wav", "flac", "mp3", "ogg", "opus", "m4a", "wma", "aiff"}) {
        for (const double seconds : {1.0 / 44100, 0.2}) {
            const std::string name = "short." + std::string(kind);
            SCOPED_TRACE(name);
            tone(name, "", seconds);
            // Some encoders make a file of one sample that even ffmpeg finds empty.
            const std::string command = "cd " + folder_.path().string() + " && ffmpeg -nostdin -v quiet -y -i " + name +
                                        " -map 0:a:0 -f f32le out.f32le";
            if (std::system(command.c_str()) != 0 || std::filesystem::file_size(file("out.f32le")) == 0) {
                EXPECT_EQ(testing::error_reading(file(name)).code(), ErrorCode::no_audio);
                continue;
            }
            const std::vector<float> expected = mono_of("out.f32le", 2);
            const testing::Decoded decoded(file(name));
            EXPECT_LE(testing::largest_difference(decoded.samples, expected), 1e-6F);
            EXPECT_TRUE(decoded.warnings.empty()) << decoded.warnings.front();
        }
    }
}

TEST_F(Formats, AnyBytesAreAFileName) {
    const std::string plain = testing::bytes_of(tone("a.mp3"));
    const std::vector<float> expected = testing::Decoded(file("a.mp3")).samples;
    for (const std::string name :
         {"new\nline.mp3", "\"quotes' and $(spaces).mp3", "\xff\xfe\x80.mp3", "http:", "file:a.mp3", "concat:a|b", "-",
          "%03d.mp3", "a.b\xff", "no extension", "*?[x].mp3", "wrong.jpg", "wrong.m3u8", "\xe2\x80\xae.mp3"}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(testing::Decoded(testing::write_bytes(file(name), plain)).samples, expected);
    }
}

TEST_F(Formats, RateAndChannelsMayChangeInMidstream) {
    tone("a.mp3", "-b:a 128k -write_xing 0 -id3v2_version 0", 2.0);
    tone("b.mp3", "-b:a 64k -write_xing 0 -id3v2_version 0 -ar 22050 -ac 1", 2.0);
    testing::write_bytes(file("ab.mp3"), testing::bytes_of(file("a.mp3")) + testing::bytes_of(file("b.mp3")));
    const testing::Decoded decoded(file("ab.mp3"), 22050);
    const std::size_t first = testing::Decoded(file("a.mp3"), 22050).samples.size();
    const std::size_t second = testing::Decoded(file("b.mp3"), 22050).samples.size();
    EXPECT_NEAR(static_cast<double>(decoded.samples.size()), static_cast<double>(first + second), 1152);
    // The tones go on where the second part begins: neither slower, nor twice as high, nor silent.
    const auto crossings = [&](std::size_t from) {
        int count = 0;
        for (std::size_t i = from; i < from + 11025; ++i)
            count += (decoded.samples[i] < 0) != (decoded.samples[i + 1] < 0);
        return count;
    };
    EXPECT_NEAR(crossings(20000), crossings(60000), 10);
    EXPECT_EQ(decoded.rate, 22050);
    EXPECT_EQ(testing::Decoded(file("ab.mp3")).rate, 44100);
}

TEST_F(Formats, TagsAtTheEndAreNoDamage) {
    const std::string mp3 = testing::bytes_of(tone("a.mp3"));
    const std::string bare = testing::bytes_of(tone("b.mp3", "-write_xing 0"));
    const std::string flac = testing::bytes_of(tone("a.flac"));
    const std::string aac = testing::bytes_of(tone("a.aac"));
    std::string id3v1 = "TAG";
    id3v1.resize(128, ' ');
    for (const std::string& tail :
         {id3v1, std::string(3000, '\0'), "LYRICSBEGIN" + std::string(500, 'x') + "LYRICS200"}) {
        for (const auto& [name, bytes] : std::map<std::string, std::string>{
                 {"tail.mp3", mp3}, {"bare.mp3", bare}, {"tail.flac", flac}, {"tail.aac", aac}}) {
            SCOPED_TRACE(name + " " + tail.substr(0, 6));
            const testing::Decoded decoded(testing::write_bytes(file(name), bytes + tail));
            EXPECT_TRUE(decoded.warnings.empty()) << decoded.warnings.front();
        }
    }
    EXPECT_EQ(testing::Decoded(file("tail.mp3")).samples.size(), testing::Decoded(file("a.mp3")).samples.size());
}

TEST_F(Formats, OptionsOutOfRange) {
    tone("a.wav");
    for (const int rate : {-1, 1, 999, 768001}) {
        const Error error = testing::error_of([&] { AudioReader(file("a.wav"), {.sample_rate = rate}); });
        EXPECT_EQ(error.code(), ErrorCode::bad_option);
    }
    EXPECT_EQ(testing::Decoded(file("a.wav"), 1000).samples.size(), 3300U);
    EXPECT_EQ(testing::Decoded(file("a.wav"), 768000).samples.size(), 3U * 768000 + 768 * 300);
}

TEST_F(Formats, ReadersMayRunSideBySide) {
    tone("a.mp3");
    const std::vector<float> expected = testing::Decoded(file("a.mp3"), 22050).samples;
    std::vector<std::vector<float>> decoded(4);
    std::vector<std::thread> threads;
    for (auto& samples : decoded)
        threads.emplace_back([&] { samples = testing::Decoded(file("a.mp3"), 22050).samples; });
    for (std::thread& thread : threads) thread.join();
    for (const auto& samples : decoded) EXPECT_EQ(samples, expected);
}

TEST_F(Formats, AReaderCanBeMoved) {
    tone("a.wav");
    AudioReader first(file("a.wav"), {.sample_rate = 0});
    const auto begun = static_cast<std::int64_t>(first.read().size());
    AudioReader second(std::move(first));
    while (!second.read().empty()) {
    }
    EXPECT_GT(begun, 0);
    EXPECT_EQ(second.position(), 145530);
}

}  // namespace
}  // namespace earmark::audio
