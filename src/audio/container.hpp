#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "audio/input/input.hpp"
#include "earmark/audio.hpp"

struct AVFormatContext;
struct AVIOContext;
struct AVInputFormat;
struct AVPacket;
struct AVStream;

namespace earmark::audio {

/// One local file, or one input of another kind, opened with libavformat, and the audio stream in it.
///
/// FFmpeg never sees the file's name nor opens anything: it reads through callbacks on bytes that Earmark opened.
/// Formats that refer to other files are refused by name as soon as they are recognised and before their own
/// code runs; should one be missed, it finds every protocol forbidden and every attempt to open a file denied.
class Container {
  public:
    /// @throws Error unreadable, no_audio, unsupported
    explicit Container(std::shared_ptr<Input> input);
    /// Opens a file. @throws Error also as InputFile
    explicit Container(const std::filesystem::path& path);
    ~Container();
    Container(const Container&) = delete;
    Container& operator=(const Container&) = delete;

    const Input& input() const noexcept { return *input_; }
    const AudioInfo& info() const noexcept { return info_; }

    /// The audio stream: the first that has a decoder.
    const AVStream& stream() const noexcept { return *stream_; }

    /// Seconds that the header gives to that very stream; 0 when it gives none. FFmpeg's own estimates are not meant.
    double stream_seconds() const noexcept { return stream_seconds_; }

    /// What the tags of that stream, else those of the file, say under FFmpeg's name of a field ("genre"); empty when
    /// they say nothing. Bytes are as they stand in the file.
    std::string tag(const char* name) const;

    /// Whether the end of the file itself shows that it was cut short.
    bool breaks_off() const noexcept { return breaks_off_; }

    /// The next packet of that stream. @return 0, or FFmpeg's error code: AVERROR_EOF at the end
    int read(AVPacket& packet) noexcept;

    /// Goes to the last packet that begins no later than `time`, in units of the stream's time base, in formats whose
    /// packets then carry times exact to the sample. @return false where it stayed where it was, since the format is
    /// none of those, or the seeking failed
    bool seek(std::int64_t time) noexcept;

  private:
    struct Delete {
        void operator()(AVFormatContext* format) const noexcept;
        void operator()(AVIOContext* io) const noexcept;
    };

    const AVInputFormat* recognise();
    void open(const AVInputFormat* kind);
    void choose_stream(const AVInputFormat* kind);
    bool is_only_stream() const;
    [[noreturn]] void refuse(const AVInputFormat* kind, const char* why) const;

    std::shared_ptr<Input> input_;
    std::int64_t position_ = 0;
    AudioInfo info_;
    bool recognised_by_content_ = false;
    std::unique_ptr<AVIOContext, Delete> io_;
    std::unique_ptr<AVFormatContext, Delete> format_;
    AVStream* stream_ = nullptr;
    double stream_seconds_ = 0.0;
    bool breaks_off_ = false;
};

/// Seconds of audio in an input, added up from its packets without decoding any: for files that declare no length.
/// @throws Error as Container
double count_seconds(std::shared_ptr<Input> input);

/// Whether FFmpeg's name of a format is one of those that are never opened, since they refer to other files.
bool refused_format(const AVInputFormat& kind);

}  // namespace earmark::audio
