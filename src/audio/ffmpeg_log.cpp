#include "audio/ffmpeg_log.hpp"

#include <cstdarg>

namespace earmark::audio {

namespace {

thread_local int quiet_depth = 0;

decltype(Ffmpeg::av_log_default_callback) pass_on = nullptr;

void log_unless_quiet(void* context, int level, const char* format, va_list arguments) {
    if (quiet_depth == 0) pass_on(context, level, format, arguments);
}

}  // namespace

void quieten(const Ffmpeg& ffmpeg) {
    pass_on = ffmpeg.av_log_default_callback;
    ffmpeg.av_log_set_callback(&log_unless_quiet);
}

QuietFfmpeg::QuietFfmpeg() noexcept {
    ++quiet_depth;
}

QuietFfmpeg::~QuietFfmpeg() {
    --quiet_depth;
}

}  // namespace earmark::audio
