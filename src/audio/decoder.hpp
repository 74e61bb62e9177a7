#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audio/container.hpp"
#include "audio/mixing/mixdown.hpp"
#include "earmark/audio.hpp"

struct AVCodecContext;
struct AVFrame;

namespace earmark::audio {

/// Mono samples at the rate at which they were recorded, and the channels that they are the mean of.
struct AudioChunk {
    std::span<const float> samples;
    int sample_rate = 0;
    KeptChannels channels;
};

/// Decodes the audio stream of one input, front to back, with FFmpeg's default decoders on this thread. Delay and
/// padding of the encoder that the file declares are left out, so that as many samples come as `ffmpeg` writes.
class Decoder {
  public:
    /// @throws Error unreadable, no_audio, unsupported
    explicit Decoder(std::shared_ptr<Input> input);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    const AudioInfo& info() const noexcept { return container_.info(); }

    /// The next chunk, at least one sample; empty at the end. Valid until the next call. The rate may change between
    /// chunks, within Resampler's limits. @throws Error no_audio, changed, unreadable as AudioReader::read
    AudioChunk next();

    /// Goes forward so that `next` begins with sample number `from` of the audio, at the rate of the file, or where that
    /// cannot be with a later one up to `sample`, which is at most a fifth of a second later. What lies between is not
    /// decoded, but for as much before `sample` as the codec needs to sound as if it had been.
    /// @return false when that cannot be, and the decoder is of no further use: the sample was passed already, the
    ///         audio ends before it, or times in the file are not to be relied on
    bool skip_to(std::int64_t sample, std::int64_t from);

    /// Number of the sample that `next` begins with.
    std::int64_t position() const noexcept { return position_; }

    /// What was odd so far, a sentence each; complete once `next` returned empty.
    const std::vector<std::string>& warnings();

  private:
    struct Delete {
        void operator()(AVCodecContext* codec) const noexcept;
        void operator()(AVFrame* frame) const noexcept;
        void operator()(AVPacket* packet) const noexcept;
    };

    AudioChunk decode();
    void jump_to(std::int64_t sample);
    bool decode_up_to(std::int64_t sample, std::int64_t from);
    void send_packet();
    void note_packet();
    void note_end();
    AudioChunk take_frame();
    double seconds_reached() const;
    double missing_seconds() const;
    bool ends_in_mid_packet() const;

    Container container_;
    std::unique_ptr<AVCodecContext, Delete> codec_;
    std::unique_ptr<AVFrame, Delete> frame_;
    std::unique_ptr<AVPacket, Delete> packet_;
    Mixdown mixdown_;
    double longest_;          // seconds after which to stop: some formats have no end of their own
    bool draining_ = false;   // the last packet was sent
    bool finished_ = false;   // the last frame was received
    bool broke_off_ = false;  // the file ends before its audio does
    int errors_at_end_ = 0;   // decoding errors while draining

    AudioChunk pending_;                  // decoded while skipping, for `next`
    std::int64_t position_ = 0;           // number of the sample that is decoded next
    std::optional<std::int64_t> origin_;  // time of sample 0, in units of the stream's time base
    double resume_time_ = 0.0;            // while passing over packets: those that end by this time
    bool discarding_ = false;
    bool position_unknown_ = false;  // position_ is not known since a jump

    std::int64_t samples_ = 0;       // decoded
    double seconds_ = 0.0;           // decoded
    std::int64_t packets_ = 0;       // read
    std::int64_t damaged_ = 0;       // packets that could not be decoded, or not well, with good ones after them
    std::int64_t damaged_tail_ = 0;  // the same, with none after them so far
    bool corrupt_ = false;           // the container marked the latest packet as incomplete
    double first_time_ = 0.0;        // start of the first packet, in seconds
    double end_time_ = 0.0;          // end of the latest
    bool timed_ = false;             // whether these two are known
    std::uint8_t first_byte_ = 0;    // of the first packet
    std::uint8_t latest_byte_ = 0;   // of the latest
    int latest_size_ = 0;            // bytes of the latest packet
    int latest_length_ = 0;          // bytes that its own header gives it; 0 when unknown

    bool warnings_stale_ = false;
    std::vector<std::string> warnings_;
};

}  // namespace earmark::audio
