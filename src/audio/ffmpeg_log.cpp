#include "audio/ffmpeg_log.hpp"

#include <cstdarg>

extern "C" {
#include <libavutil/log.h>
}

namespace earmark {

namespace {

thread_local int quiet_depth = 0;

void log_unless_quiet(void* context, int level, const char* format, va_list arguments) {
    if (quiet_depth == 0) av_log_default_callback(context, level, format, arguments);
}

// FFmpeg cannot tell which callback is set. Setting ours before `main` leaves the last word to the host program.
[[maybe_unused]] const bool installed = [] {
    av_log_set_callback(&log_unless_quiet);
    return true;
}();

}  // namespace

QuietFfmpeg::QuietFfmpeg() noexcept {
    ++quiet_depth;
}

QuietFfmpeg::~QuietFfmpeg() {
    --quiet_depth;
}

}  // namespace earmark
