#include "audio/frame_length.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "audio/ffmpeg_tool.hpp"

namespace earmark::audio {
namespace {

class FrameLength : public testing::WithFfmpeg {
  protected:
    /// Steps from header to header; every step must land on the next, and the last at the end.
    template <typename Length>
    int frames_in(const std::string& name, Length length) const {
        const std::string bytes = testing::bytes_of(file(name));
        const std::span<const std::uint8_t> data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        int frames = 0;
        std::size_t at = 0;
        while (at < data.size()) {
            const int step = length(data.subspan(at));
            EXPECT_GT(step, 0) << name << " at " << at;
            if (step <= 0) break;
            at += static_cast<std::size_t>(step);
            ++frames;
        }
        EXPECT_EQ(at, data.size()) << name;
        return frames;
    }
};

TEST_F(FrameLength, StepsThroughMpegAudio) {
    for (const char* options :
         {"-ar 44100 -b:a 128k", "-ar 48000 -b:a 320k", "-ar 32000 -q:a 5", "-ar 24000 -b:a 64k", "-ar 22050 -b:a 56k",
          "-ar 16000 -b:a 32k", "-ar 12000 -b:a 24k", "-ar 11025 -b:a 16k", "-ar 8000 -b:a 8k -ac 1"}) {
        SCOPED_TRACE(options);
        tone("a.mp3", std::string("-write_xing 0 -id3v2_version 0 ") + options);
        EXPECT_GT(frames_in("a.mp3", &mpeg_frame_length), 40);
    }
    for (const char* options : {"-ar 44100 -b:a 192k", "-ar 48000 -b:a 256k", "-ar 22050 -b:a 80k"}) {
        tone("a.mp2", options);
        EXPECT_GT(frames_in("a.mp2", &mpeg_frame_length), 40);
    }
}

TEST_F(FrameLength, StepsThroughAdts) {
    tone("a.aac");
    EXPECT_GT(frames_in("a.aac", &adts_frame_length), 100);
}

TEST(FrameLengthOf, WhatIsNoHeaderIsNone) {
    const std::vector<std::vector<std::uint8_t>> none = {
        {},
        {0xFF},
        {0xFF, 0xFB, 0x90},
        {'T', 'A', 'G', ' ', ' ', ' ', ' '},
        {0xFF, 0xFB, 0xF0, 0x00, 0, 0},  // forbidden bit rate
        {0xFF, 0xFB, 0x00, 0x00, 0, 0},  // free format
        {0xFF, 0xFB, 0x9C, 0x00, 0, 0},  // reserved sample rate
        {0xFF, 0xEB, 0x90, 0x00, 0, 0},  // reserved version
        {0xFF, 0xF9, 0x90, 0x00},        // reserved layer for one, too short for the other
    };
    for (const auto& bytes : none) {
        EXPECT_EQ(mpeg_frame_length(bytes), 0);
        EXPECT_EQ(adts_frame_length(bytes), 0);
    }
    EXPECT_EQ(mpeg_frame_length(std::vector<std::uint8_t>{0xFF, 0xFB, 0x90, 0x00}), 417);  // 128 kbit/s at 44.1 kHz
    EXPECT_EQ(mpeg_frame_length(std::vector<std::uint8_t>{0xFF, 0xFF, 0x10, 0x00}), 32);   // layer I, 32 kbit/s
}

}  // namespace
}  // namespace earmark::audio
