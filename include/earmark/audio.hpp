#pragma once

/// @file
/// Reading audio: any local file, buffer or stream that FFmpeg can decode, as mono samples at the rate asked for, in
/// pieces.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "earmark/export.h"

namespace earmark {

namespace audio {
class SampleSource;
}  // namespace audio

/// How audio is to be read.
struct AudioOptions {
    /// Samples per second of the output, 1000 to 768 000; 0 keeps the rate of the file.
    int sample_rate = 22050;
    /// Name of a buffer or a stream, for instance that of the file it comes from. Errors call it so, and its extension
    /// helps to recognise the format where the content is ambiguous, as the name of a file does. Not used for files.
    std::string name = {};
};

/// What the container and the codec say of a file before anything is decoded.
struct AudioInfo {
    std::string container;          ///< FFmpeg's short name, for instance "mp3" or "mov,mp4,m4a,3gp,3g2,mj2"
    std::string codec;              ///< FFmpeg's short name, for instance "flac"
    int sample_rate = 0;            ///< samples per second in the file
    int channels = 0;               ///< channels in the file
    double declared_seconds = 0.0;  ///< duration that the container declares, in seconds; 0 when it declares none
};

/// Samples in memory, at any rate and of any number of channels.
struct Samples {
    /// Frame by frame, `channels` values each, nominally -1 to 1. A channel that is not finite counts as 0, and means
    /// beyond ±10^6 are clamped.
    std::span<const float> interleaved;
    int sample_rate = 0;  ///< frames per second, 1000 to 16 000 000
    int channels = 1;     ///< 1 to 1024; their mean is what is analyzed, see AudioReader
};

/// A stream of bytes, pulled: writes the next bytes to the start of `buffer`, which is never empty, and returns how many
/// there are; waits for at least one, and returns 0 at the end. What it throws is thrown on.
using ByteSource = std::function<std::size_t(std::span<std::byte> buffer)>;

/// Reads one file, or the same from memory or from a stream, front to back. The samples are the same bit for bit.
///
/// The first audio stream that is not cover art is decoded; channels are averaged into one; libsoxr's HQ recipe brings
/// the result to `AudioOptions::sample_rate`. Audio already at that rate passes untouched: 16-bit samples come out as
/// value / 32768 exactly. Samples that are not finite become 0 and are reported in `warnings()`; samples beyond
/// ±10^6 are clamped. Where channels cancel, as when the right one is the left one turned over, their mean is silence
/// although they are not: there one of them is heard instead, and `warnings()` says so.
///
/// Only local files are opened, and only the one named: network protocols, playlists and formats that refer to other
/// files (concat, HLS, DASH, image sequences …) are refused with ErrorCode::unsupported. Buffers and streams open
/// nothing at all.
///
/// FFmpeg's libraries are loaded when the first file is opened (unless Earmark was configured with
/// EARMARK_FFMPEG=link).
///
/// Memory does not grow with the length of the file, but for the table of contents that an MP4 has of itself (some
/// 50 bytes a packet: 8 MB an hour). The bytes of a stream are kept: up to 64 MiB in memory, beyond that in a temporary
/// file. Not thread-safe; different readers may run in different threads.
///
/// FFmpeg's own messages about the file are not printed. For that, libearmark sets FFmpeg's log callback, when it is
/// loaded into a program that comes with FFmpeg and otherwise when it loads FFmpeg, to one that hands the messages of
/// everybody else on as before; a program that calls `av_log_set_callback` itself replaces it, and then receives all of
/// them.
class EARMARK_API AudioReader {
  public:
    /// Opens `path` and finds its audio.
    /// @throws Error not_found, unreadable, no_audio, unsupported, bad_option
    explicit AudioReader(const std::filesystem::path& path, AudioOptions options = {});
    /// Reads the bytes of a file that is in memory. They must outlive the reader.
    /// @throws Error no_audio, unsupported, bad_option
    explicit AudioReader(std::span<const std::byte> bytes, AudioOptions options = {});
    /// Reads the bytes of a file that come from `source`, which need not be seekable. The source is called until the
    /// reader goes: by this constructor, by `seconds`, and while reading, then on the thread that decodes (see
    /// `decode_ahead`); never by two threads at a time. What the format needs is pulled, which can be all at once.
    /// @throws Error no_audio, unsupported, bad_option, cannot_write when there is no room for the temporary file; what
    ///         the source throws
    explicit AudioReader(ByteSource source, AudioOptions options = {});
    /// The same for a standard stream, opened in binary mode, which must outlive the reader.
    /// @throws Error also unreadable
    explicit AudioReader(std::istream& stream, AudioOptions options = {});
    ~AudioReader();
    AudioReader(AudioReader&&) noexcept;
    AudioReader& operator=(AudioReader&&) noexcept;

    /// Another reader of the same audio, from its beginning; for a stream, too. May be used while this one is.
    /// @throws Error as the constructor
    AudioReader reopen() const;

    /// What the file says of itself.
    const AudioInfo& info() const noexcept;

    /// Samples per second of what `read` returns.
    int sample_rate() const noexcept;

    /// Seconds of audio: those the file declares or, when it declares none, the sum over its packets. For that sum the
    /// file is read through without being decoded. An estimate either way: only decoding tells.
    /// @throws Error as the constructor
    double seconds();

    /// The next samples (mono, nominally -1 to 1), at least one and no more than `most`; empty at the end of the file.
    /// Valid until the next call. A file that breaks off or is damaged yields what can be decoded, and a warning.
    /// @throws Error no_audio when the file ends without a single decoded sample; changed when the file's size or
    ///         modification time changed while it was read; unreadable on I/O errors
    std::span<const float> read(std::size_t most = std::numeric_limits<std::size_t>::max());

    /// Goes forward, so that `read` continues with sample number `sample` of the output. What lies between is not
    /// decoded, but for the fraction of a second before the sample that codec and resampler need. What is read then is
    /// what reading through would have given, to 1e-4 (lossy codecs) or 1e-6. Exceptions are the noise that AAC and AC-3
    /// decoders make up, and up to a millisecond early or late in containers that round times (Matroska, ASF …).
    /// Where the format makes that exact (WAV, AIFF, FLAC, Opus, MP4 …) the file is sought in, otherwise it is read packet
    /// by packet. Where packets have no times, all is decoded. Not after `decode_ahead`.
    /// @return false when that cannot be, and the reader is of no further use: the sample was passed already, the audio
    ///         ends before it, or the times in the file are wrong. @throws Error as read
    bool skip_to(std::int64_t sample);

    /// Decodes on a thread of its own from now on, some 65 000 samples ahead, while the calling thread does other
    /// things. What `read` returns and throws stays the same.
    void decode_ahead();

    /// Number of the sample that `read` returns next: samples returned and skipped so far.
    std::int64_t position() const noexcept;

    /// What was odd about the file so far, a sentence each, without the file's name; complete once `read` returned
    /// empty.
    const std::vector<std::string>& warnings() const noexcept;

    /// For Earmark's own programs, which decode in other processes: reads from `source`, an internal type.
    EARMARK_HIDDEN explicit AudioReader(std::unique_ptr<audio::SampleSource> source);

    /// For Earmark's own use: where it reads from.
    EARMARK_HIDDEN const audio::SampleSource& source() const noexcept { return *source_; }

  private:
    std::unique_ptr<audio::SampleSource> source_;
};

}  // namespace earmark
