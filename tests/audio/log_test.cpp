#include "audio/ffmpeg_log.hpp"

#include <atomic>
#include <thread>

#include "audio/ffmpeg_tool.hpp"

extern "C" {
#include <libavutil/log.h>
}

namespace earmark::audio {
namespace {

class Log : public testing::WithFfmpeg {
  protected:
    /// Reads what makes FFmpeg complain.
    void read_damaged() const {
        std::string bytes = testing::bytes_of(tone("a.flac"));
        for (std::size_t i = 0; i < 2000; ++i) bytes[bytes.size() / 2 + i] = static_cast<char>(i * 37);
        const testing::Decoded decoded(testing::write_bytes(file("b.flac"), bytes));
        EXPECT_FALSE(decoded.warnings.empty());
        EXPECT_EQ(testing::error_reading(testing::write_bytes(file("c.mp3"), "text")).code(), ErrorCode::no_audio);
    }
};

TEST_F(Log, NothingIsPrintedWhileReading) {
    ::testing::internal::CaptureStderr();
    ::testing::internal::CaptureStdout();
    read_damaged();
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(Log, TheHostStillSeesItsOwnMessages) {
    tone("a.flac");
    ::testing::internal::CaptureStderr();
    { const testing::Decoded decoded(file("a.flac")); }
    av_log(nullptr, AV_LOG_ERROR, "from the host\n");
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("from the host"), std::string::npos);
}

TEST(QuietFfmpegTest, CountsPerThreadAndNests) {
    ::testing::internal::CaptureStderr();
    {
        const QuietFfmpeg outer;
        { const QuietFfmpeg inner; }
        av_log(nullptr, AV_LOG_ERROR, "hidden\n");
        std::thread([] { av_log(nullptr, AV_LOG_ERROR, "other thread\n"); }).join();
    }
    av_log(nullptr, AV_LOG_ERROR, "afterwards\n");
    const std::string printed = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(printed.find("hidden"), std::string::npos);
    EXPECT_NE(printed.find("other thread"), std::string::npos);
    EXPECT_NE(printed.find("afterwards"), std::string::npos);
}

std::atomic<int> messages_to_host = 0;

void host_callback(void*, int, const char*, va_list) {
    ++messages_to_host;
}

TEST_F(Log, TheLevelStaysAndAHostsCallbackWins) {
    const int level = av_log_get_level();
    ASSERT_EXIT(
        {
            av_log_set_callback(&host_callback);
            read_damaged();
            std::_Exit(messages_to_host > 0 && av_log_get_level() == level ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace earmark::audio
