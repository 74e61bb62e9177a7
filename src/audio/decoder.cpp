#include "audio/decoder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string_view>
#include <utility>

#include "audio/ffmpeg.hpp"
#include "audio/ffmpeg_log.hpp"
#include "audio/frame_length.hpp"
#include "audio/resampling/resampler.hpp"
#include "base/throw.hpp"

namespace earmark::audio {

namespace {

/// More samples in one packet than any encoder makes: the size of a forged header, not of music.
constexpr std::int64_t max_samples_per_packet = 1 << 23;

/// Times beyond this, in any unit, are those of a damaged file.
constexpr double furthest_time = 1e15;

/// Errors in a row after which a decoder that is being emptied counts as empty.
constexpr int max_errors_at_end = 64;

/// Seconds of a chiptune that does not say how long it plays: most loop for ever.
constexpr double default_chiptune_seconds = 150.0;

bool plays_for_ever(const AudioInfo& info) {
    return info.container == "libgme" || info.container == "libmodplug" || info.container == "libopenmpt";
}

/// Streams that are one frame after another, without a container around them.
bool is_bare_stream(const AudioInfo& info) {
    static constexpr std::array<std::string_view, 7> bare = {"mp3", "aac", "ac3", "eac3", "flac", "dts", "truehd"};
    return std::find(bare.begin(), bare.end(), info.container) != bare.end();
}

/// Seconds by which a file may fall short of what it declares without anything missing. Containers of plain samples
/// count them; the others count frames, some of them one too many, or round to milliseconds.
double tolerance(const AudioInfo& info) {
    static constexpr std::array<std::string_view, 6> exact = {"wav", "aiff", "au", "flac", "w64", "caf"};
    if (std::find(exact.begin(), exact.end(), info.container) != exact.end()) return 0.005;
    return info.container == "asf" ? 0.5 : 0.1;
}

/// Codecs whose frames carry a checksum of lossless samples: a frame that fails it would sound as a burst of noise.
bool has_reliable_checksum(AVCodecID codec) {
    return codec == AV_CODEC_ID_FLAC || codec == AV_CODEC_ID_WAVPACK || codec == AV_CODEC_ID_TTA ||
           codec == AV_CODEC_ID_TAK;
}

/// Seconds that must be decoded before a sample, so that it sounds as if all before it had been. A decoder keeps
/// something of past frames: MP3's bit reservoir reaches back the furthest, Opus needs 80 ms (RFC 7845, 4.6). Lossless
/// decoders keep nothing; theirs is for containers that round times to milliseconds.
double lead_seconds(AVCodecID codec) {
    const AVCodecDescriptor* description = ffmpeg().avcodec_descriptor_get(codec);
    const bool lossless = description != nullptr && (description->props & AV_CODEC_PROP_LOSSY) == 0;
    if (lossless) return 0.02;
    return codec == AV_CODEC_ID_MP3 ? 0.6 : 0.3;
}

void check_memory(int result) {
    if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
}

}  // namespace

void Decoder::Delete::operator()(AVCodecContext* codec) const noexcept {
    const QuietFfmpeg quiet;
    ffmpeg().avcodec_free_context(&codec);
}

void Decoder::Delete::operator()(AVFrame* frame) const noexcept {
    ffmpeg().av_frame_free(&frame);
}

void Decoder::Delete::operator()(AVPacket* packet) const noexcept {
    ffmpeg().av_packet_free(&packet);
}

Decoder::Decoder(std::shared_ptr<Input> input) : container_(std::move(input)), longest_(HUGE_VAL) {
    const QuietFfmpeg quiet;
    const AVStream& stream = container_.stream();
    const AVCodec* decoder = ffmpeg().avcodec_find_decoder(stream.codecpar->codec_id);
    codec_.reset(ffmpeg().avcodec_alloc_context3(decoder));
    frame_.reset(ffmpeg().av_frame_alloc());
    packet_.reset(ffmpeg().av_packet_alloc());
    if (!codec_ || !frame_ || !packet_) throw std::bad_alloc();
    check_memory(ffmpeg().avcodec_parameters_to_context(codec_.get(), stream.codecpar));
    codec_->pkt_timebase = stream.time_base;  // without it FFmpeg does not leave out the encoder's delay
    codec_->thread_count = 1;
    codec_->max_samples = max_samples_per_packet;
    if (has_reliable_checksum(stream.codecpar->codec_id)) {
        codec_->err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;
    }
    const int result = ffmpeg().avcodec_open2(codec_.get(), decoder, nullptr);
    check_memory(result);
    if (result < 0) {
        base::fail(ErrorCode::no_audio,
                   "{}: its {} audio cannot be decoded: it is damaged or protected. Copy it again.",
                   container_.input().name(), info().codec);
    }
    if (plays_for_ever(info())) {
        longest_ = info().declared_seconds > 0.0 ? info().declared_seconds : default_chiptune_seconds;
    }
}

Decoder::~Decoder() = default;

AudioChunk Decoder::next() {
    AudioChunk chunk = pending_.samples.empty() ? decode() : pending_;
    pending_ = {};
    position_ += std::ssize(chunk.samples);
    return chunk;
}

bool Decoder::skip_to(std::int64_t sample, std::int64_t from) {
    if (!origin_ && pending_.samples.empty()) pending_ = decode();  // which tells the time of the first sample
    const auto lead = static_cast<std::int64_t>(lead_seconds(container_.stream().codecpar->codec_id) *
                                                static_cast<double>(info().sample_rate));
    // Lossy codecs' lead reaches over what lies between `from` and `sample`, too.
    const std::int64_t target = std::min(sample - lead, from - std::min<std::int64_t>(lead, info().sample_rate / 50));
    // The errors of a decoder that starts in the middle are no damage.
    const std::int64_t damaged = damaged_ + damaged_tail_;
    const bool worth_it = target > position_ + std::ssize(pending_.samples) + info().sample_rate / 2;
    if (worth_it && origin_ && !plays_for_ever(info())) jump_to(target);
    if (!decode_up_to(sample, from)) return false;
    damaged_ = damaged;
    damaged_tail_ = 0;
    return true;
}

/// Makes ready to decode from the packet on that holds `sample`.
void Decoder::jump_to(std::int64_t sample) {
    const QuietFfmpeg quiet;
    const double units = 1.0 / av_q2d(container_.stream().time_base);
    resume_time_ = static_cast<double>(*origin_) + static_cast<double>(sample) / info().sample_rate * units;
    if (!(std::fabs(resume_time_) < furthest_time)) return;
    // Where seeking is not possible, packets are read and skipped.
    container_.seek(static_cast<std::int64_t>(resume_time_));
    ffmpeg().avcodec_flush_buffers(codec_.get());
    pending_ = {};
    discarding_ = true;
    position_unknown_ = true;
}

/// Decodes until `from`, or else a later sample up to `sample`, is the first of pending_.
bool Decoder::decode_up_to(std::int64_t sample, std::int64_t from) {
    for (;;) {
        if (pending_.samples.empty()) pending_ = decode();
        if (pending_.samples.empty() || pending_.sample_rate != info().sample_rate) return false;
        if (position_ > sample) return false;
        const auto dropped =
            static_cast<std::size_t>(std::clamp<std::int64_t>(from - position_, 0, std::ssize(pending_.samples)));
        pending_.samples = pending_.samples.subspan(dropped);
        pending_.channels.drop(dropped);
        position_ += static_cast<std::int64_t>(dropped);
        if (position_ >= from && !pending_.samples.empty()) return true;
    }
}

AudioChunk Decoder::decode() {
    const QuietFfmpeg quiet;
    while (!finished_) {
        const int result = ffmpeg().avcodec_receive_frame(codec_.get(), frame_.get());
        check_memory(result);
        if (result == 0) {
            const AudioChunk chunk = take_frame();
            if (!chunk.samples.empty()) return chunk;
        } else if (result == AVERROR_EOF) {
            note_end();
        } else {
            if (result != AVERROR(EAGAIN)) {
                ++damaged_tail_;
                if (draining_ && ++errors_at_end_ >= max_errors_at_end) note_end();
            }
            if (!draining_) send_packet();
        }
    }
    // Also when asked again: a file that failed does not turn into one that ended.
    container_.input().check_readable();
    container_.input().check_unchanged();
    if (samples_ == 0) {
        base::fail(ErrorCode::no_audio,
                   "{}: not one sample of its {} audio can be decoded: it is cut short or damaged. {}",
                   container_.input().name(), info().codec, "Copy it again from its source.");
    }
    return {};
}

/// Gives the decoder the next packet, or the news that there is none.
void Decoder::send_packet() {
    const int result = seconds_ < longest_ ? container_.read(*packet_) : AVERROR_EOF;
    check_memory(result);
    if (result < 0) {
        broke_off_ = result != AVERROR_EOF;
        draining_ = true;
        ffmpeg().avcodec_send_packet(codec_.get(), nullptr);
        return;
    }
    note_packet();
    if (discarding_) {
        const double end = static_cast<double>(packet_->pts) + static_cast<double>(packet_->duration);
        if (packet_->pts != AV_NOPTS_VALUE && end <= resume_time_) {
            ffmpeg().av_packet_unref(packet_.get());
            return;
        }
        discarding_ = false;
    }
    const int sent = ffmpeg().avcodec_send_packet(codec_.get(), packet_.get());
    ffmpeg().av_packet_unref(packet_.get());
    check_memory(sent);
    if (sent < 0) ++damaged_tail_;
}

void Decoder::note_packet() {
    const AVPacket& packet = *packet_;
    ++packets_;
    // The mark on the very last packet only says that the file ended, which its declared length judges better.
    if (corrupt_) ++damaged_;
    corrupt_ = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
    const std::span<const std::uint8_t> data(packet.data, static_cast<std::size_t>(std::max(packet.size, 0)));
    latest_byte_ = data.empty() ? std::uint8_t{0} : data[0];
    if (packets_ == 1) first_byte_ = latest_byte_;
    latest_size_ = packet.size;
    latest_length_ = info().container == "mp3"   ? mpeg_frame_length(data)
                     : info().container == "aac" ? adts_frame_length(data)
                                                 : 0;
    if (packet.pts == AV_NOPTS_VALUE) return;
    // In floating point: a damaged file may hold any numbers.
    const double unit = av_q2d(container_.stream().time_base);
    const double start = static_cast<double>(packet.pts) * unit;
    if (!timed_) first_time_ = end_time_ = start;
    timed_ = true;
    end_time_ = std::max(end_time_, start + std::max(static_cast<double>(packet.duration) * unit, 0.0));
}

AudioChunk Decoder::take_frame() {
    const int rate = frame_->sample_rate > 0 ? frame_->sample_rate : codec_->sample_rate;
    const std::int64_t odd = mixdown_.not_finite() + mixdown_.clamped();
    AudioChunk chunk;
    if (rate >= Resampler::min_rate && rate <= Resampler::max_rate)
        chunk = {mixdown_.mix(*frame_), rate, mixdown_.kept()};
    if (mixdown_.not_finite() + mixdown_.clamped() != odd) warnings_stale_ = true;
    if (chunk.samples.empty()) {
        if (frame_->nb_samples > 0) ++damaged_tail_;
        return {};
    }
    if (frame_->pts != AV_NOPTS_VALUE && samples_ == 0) origin_ = frame_->pts;
    if (position_unknown_) {
        if (frame_->pts == AV_NOPTS_VALUE) return {};
        const double units = static_cast<double>(frame_->pts) - static_cast<double>(*origin_);
        const double sample = units * av_q2d(container_.stream().time_base) * rate;
        if (!(std::fabs(sample) < furthest_time)) return {};
        position_ = std::llround(sample);
        position_unknown_ = false;
    }
    if (damaged_tail_ > 0 && !draining_) {
        // Good audio follows, so the damage was inside and not some tag at the end.
        damaged_ += damaged_tail_;
        damaged_tail_ = 0;
        warnings_stale_ = true;
    }
    if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
        ++damaged_;
        warnings_stale_ = true;
    }
    samples_ += std::ssize(chunk.samples);
    seconds_ += static_cast<double>(chunk.samples.size()) / rate;
    return chunk;
}

double Decoder::seconds_reached() const {
    return std::max(seconds_, end_time_ - first_time_);
}

/// What is missing of the length that the file declares; 0 when it declares none.
double Decoder::missing_seconds() const {
    if (plays_for_ever(info())) return 0.0;
    const double missing = container_.stream_seconds() - seconds_reached();
    return missing > tolerance(info()) ? missing : 0.0;
}

/// Whether the last packet is but the beginning of one. Asked when no declared length tells.
bool Decoder::ends_in_mid_packet() const {
    if (latest_length_ > latest_size_) return true;
    // FFmpeg marks the last packet of every WAV of unknown length.
    if (corrupt_ && info().container != "wav") return true;
    // After the frames of a bare stream there may be tags of any kind, which begin otherwise than a frame.
    return damaged_tail_ > 0 && (latest_byte_ == first_byte_ || !is_bare_stream(info()));
}

void Decoder::note_end() {
    finished_ = true;
    warnings_stale_ = true;
    if (container_.stream_seconds() > 0.0) {
        // What cannot be decoded behind the last frame of a complete file is a tag or padding.
        if (missing_seconds() > 0.0) {
            damaged_ += damaged_tail_;
        } else {
            broke_off_ = false;
        }
    } else if (ends_in_mid_packet()) {
        broke_off_ = true;
    }
    if (container_.breaks_off()) broke_off_ = true;
}

const std::vector<std::string>& Decoder::warnings() {
    if (!warnings_stale_) return warnings_;
    warnings_stale_ = false;
    warnings_.clear();
    if (finished_ && missing_seconds() > 0.0) {
        warnings_.push_back(
            fmt::format("{:.3g} s of the {:.5g} s that the file declares are missing: it is cut short or damaged.",
                        missing_seconds(), container_.stream_seconds()));
    } else if (finished_ && broke_off_) {
        warnings_.push_back("The file breaks off in the middle of its audio: it is cut short or damaged.");
    }
    if (damaged_ > 0) {
        warnings_.push_back(fmt::format("{} of {} pieces could not be decoded or are damaged.", damaged_, packets_));
    }
    mixdown_.describe(samples_, warnings_);
    return warnings_;
}

}  // namespace earmark::audio
