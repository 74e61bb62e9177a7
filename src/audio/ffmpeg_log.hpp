#pragma once

#include "audio/ffmpeg.hpp"

namespace earmark::audio {

/// While one of these lives, FFmpeg's messages from this thread are dropped: a library does not print.
///
/// FFmpeg has one log callback for the whole process. When libearmark is loaded into a program that comes with FFmpeg,
/// or when it loads FFmpeg itself, it sets one that drops the messages of
/// threads holding a QuietFfmpeg and hands all others to `av_log_default_callback`, so that a host program that uses
/// FFmpeg itself sees its own messages as ever, at the level it chose. A host that sets a callback of its own (in
/// `main` or later, that is, after the library was loaded) replaces Earmark's and then receives all messages.
class QuietFfmpeg {
  public:
    QuietFfmpeg() noexcept;
    ~QuietFfmpeg();
    QuietFfmpeg(const QuietFfmpeg&) = delete;
    QuietFfmpeg& operator=(const QuietFfmpeg&) = delete;
};

/// Sets that callback.
void quieten(const Ffmpeg& ffmpeg);

}  // namespace earmark::audio
