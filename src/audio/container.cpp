#include "audio/container.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "audio/ffmpeg.hpp"
#include "audio/ffmpeg_log.hpp"
#include "audio/input/input_file.hpp"
#include "audio/ogg_tail.hpp"
#include "audio/resampling/resampler.hpp"
#include "audio/wav_header.hpp"
#include "base/throw.hpp"

namespace earmark::audio {

namespace {

constexpr int buffer_bytes = 1 << 16;

/// FFmpeg's names of the formats that open other files or the network, or that are programs rather than recordings.
/// Formats that FFmpeg itself flags as opening their own files (AVFMT_NOFILE) are refused besides.
constexpr const char* refused =
    "concat,hls,applehttp,dash,webm_dash_manifest,imf,sdp,rtp,rtsp,sap,vobsub,image2,image2pipe,alias_pix,brender_pix,"
    "avisynth,vapoursynth,lavfi,sbg";

/// Playlists that FFmpeg recognises late, only by their name, or not at all.
constexpr std::array<std::string_view, 4> playlist_beginnings = {"#EXTM3U", "ffconcat version", "[playlist]",
                                                                 "\xEF\xBB\xBF#EXTM3U"};

int deny_open(AVFormatContext*, AVIOContext** io, const char*, int, AVDictionary**) {
    *io = nullptr;
    return AVERROR(EACCES);
}

/// A Standard MIDI File, bare or in RIFF.
bool is_midi(std::string_view beginning) {
    return beginning.starts_with("MThd") ||
           (beginning.starts_with("RIFF") && beginning.size() >= 12 && beginning.substr(8, 4) == "RMID");
}

/// What FFmpeg may know of the file's name: the extension, which helps where the content is ambiguous.
std::string harmless_name(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    if (extension.size() < 2 || extension.size() > 9) return "audio";
    const bool plain = std::all_of(extension.begin() + 1, extension.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    return plain ? "audio" + extension : "audio";
}

/// The position in the file as FFmpeg's callbacks move it.
struct Cursor {
    Input* input;
    std::int64_t* position;
};

int read_input(void* opaque, std::uint8_t* buffer, int size) {
    const auto* const cursor = static_cast<Cursor*>(opaque);
    const std::ptrdiff_t got = cursor->input->read(*cursor->position, {buffer, static_cast<std::size_t>(size)});
    if (got < 0) return AVERROR(EIO);
    if (got == 0) return AVERROR_EOF;
    *cursor->position += got;
    return static_cast<int>(got);
}

int64_t seek_input(void* opaque, int64_t offset, int whence) {
    const auto* const cursor = static_cast<Cursor*>(opaque);
    const std::int64_t size = cursor->input->size();
    std::int64_t base = 0;
    switch (whence & ~AVSEEK_FORCE) {
        case AVSEEK_SIZE:
            return size;
        case SEEK_SET:
            break;
        case SEEK_CUR:
            base = *cursor->position;
            break;
        case SEEK_END:
            base = size;
            break;
        default:
            return AVERROR(EINVAL);
    }
    // As with lseek, a position beyond the end is fine; reading there yields the end of the file.
    if (offset > 0 ? base > INT64_MAX - offset : base + offset < 0) return AVERROR(EINVAL);
    return *cursor->position = base + offset;
}

}  // namespace

void Container::Delete::operator()(AVFormatContext* format) const noexcept {
    const QuietFfmpeg quiet;
    ffmpeg().avformat_close_input(&format);
}

void Container::Delete::operator()(AVIOContext* io) const noexcept {
    delete static_cast<Cursor*>(io->opaque);
    ffmpeg().av_freep(&io->buffer);
    ffmpeg().avio_context_free(&io);
}

Container::Container(const std::filesystem::path& path) : Container(std::make_shared<InputFile>(path)) {}

Container::Container(std::shared_ptr<Input> input) : input_(std::move(input)) {
    const QuietFfmpeg quiet;
    auto* const buffer = static_cast<unsigned char*>(ffmpeg().av_malloc(buffer_bytes));
    if (buffer == nullptr) throw std::bad_alloc();
    auto cursor = std::make_unique<Cursor>(Cursor{input_.get(), &position_});
    io_.reset(ffmpeg().avio_alloc_context(buffer, buffer_bytes, 0, cursor.get(), &read_input, nullptr, &seek_input));
    if (!io_) {
        ffmpeg().av_free(buffer);
        throw std::bad_alloc();
    }
    cursor.release();
    open(recognise());
}

Container::~Container() = default;

void Container::refuse(const AVInputFormat* kind, const char* why) const {
    input_->check_readable();
    if (kind == nullptr || !recognised_by_content_) {
        base::fail(ErrorCode::no_audio,
                   "{}: holds no audio that can be recognised. Name a sound file, or copy it again.", input_->name());
    }
    base::fail(ErrorCode::no_audio, "{}: no audio can be read from this {} file: {}.", input_->name(), kind->name, why);
}

const AVInputFormat* Container::recognise() {
    std::array<std::uint8_t, 32> head{};
    const std::ptrdiff_t got = input_->read(0, head);
    if (got == 0) base::fail(ErrorCode::no_audio, "{}: is empty. Copy it again from its source.", input_->name());
    const std::string_view beginning(reinterpret_cast<const char*>(head.data()), std::max<std::ptrdiff_t>(got, 0));
    for (const std::string_view playlist : playlist_beginnings) {
        if (!beginning.starts_with(playlist)) continue;
        base::fail(ErrorCode::unsupported,
                   "{}: is a playlist, which only refers to other files. Name those files instead.", input_->name());
    }
    if (is_midi(beginning)) {
        base::fail(ErrorCode::no_audio,
                   "{}: is a MIDI file, which holds notes but no sound. Render it to a sound file first, with "
                   "FluidSynth for instance.",
                   input_->name());
    }
    const AVInputFormat* kind = nullptr;
    int score = ffmpeg().av_probe_input_buffer2(io_.get(), &kind, harmless_name(input_->name()).c_str(), nullptr, 0, 0);
    // By the name alone a picture counts as part of a numbered sequence of files; by its content it is a picture.
    if (score >= 0 && kind != nullptr && (kind->flags & AVFMT_NOFILE) != 0) {
        kind = nullptr;
        score = ffmpeg().av_probe_input_buffer2(io_.get(), &kind, "audio", nullptr, 0, 0);
    }
    if (score < 0 || kind == nullptr) refuse(nullptr, "");
    recognised_by_content_ = score > AVPROBE_SCORE_EXTENSION;
    if (refused_format(*kind)) {
        base::fail(ErrorCode::unsupported,
                   "{}: is of the format {} ({}), which refers to other files or is no recording, "
                   "and is not opened. Name a sound file instead.",
                   input_->name(), kind->name, kind->long_name != nullptr ? kind->long_name : "");
    }
    ffmpeg().avio_seek(io_.get(), 0, SEEK_SET);
    return kind;
}

void Container::open(const AVInputFormat* kind) {
    AVFormatContext* format = ffmpeg().avformat_alloc_context();
    if (format == nullptr) throw std::bad_alloc();
    format->pb = io_.get();
    format->flags |= AVFMT_FLAG_CUSTOM_IO;
    format->io_open = &deny_open;
    format->protocol_whitelist = ffmpeg().av_strdup("none");  // no protocol has this name
    // No format for which FFmpeg itself collects an index of packet positions is sought in, so that may stay small.
    format->max_index_size = 1 << 14;
    // On failure FFmpeg frees the context.
    if (ffmpeg().avformat_open_input(&format, "", kind, nullptr) < 0) {
        refuse(kind, "it is cut short or damaged. Copy it again from its source");
    }
    format_.reset(format);

    // Read now, since avformat_find_stream_info mixes estimates into these fields.
    const std::int64_t whole = format->duration;
    std::vector<double> seconds;
    for (unsigned i = 0; i < format->nb_streams; ++i) {
        AVStream& stream = *format->streams[i];
        seconds.push_back(stream.duration > 0 ? static_cast<double>(stream.duration) * av_q2d(stream.time_base) : 0.0);
        if (stream.codecpar->codec_type != AVMEDIA_TYPE_AUDIO) stream.discard = AVDISCARD_ALL;
    }

    // Not finding all that it looks for is no failure yet: what is there is judged below.
    ffmpeg().avformat_find_stream_info(format, nullptr);
    input_->check_readable();
    choose_stream(kind);

    const auto index = static_cast<std::size_t>(stream_->index);
    if (index < seconds.size()) stream_seconds_ = seconds[index];
    const double container_seconds = whole > 0 ? static_cast<double>(whole) / AV_TIME_BASE : 0.0;
    if (stream_seconds_ <= 0.0 && is_only_stream()) stream_seconds_ = container_seconds;
    if (info_.container == "wav" && ffmpeg().av_get_exact_bits_per_sample(stream_->codecpar->codec_id) > 0) {
        const double bytes_per_second = static_cast<double>(info_.sample_rate) * stream_->codecpar->block_align;
        const auto bytes = static_cast<double>(wav_data_bytes(*input_));
        stream_seconds_ = bytes_per_second > 0.0 ? bytes / bytes_per_second : 0.0;
    }
    breaks_off_ = info_.container == "ogg" && ogg_breaks_off(*input_);
    info_.declared_seconds = stream_seconds_ > 0.0 ? stream_seconds_ : container_seconds;
}

void Container::choose_stream(const AVInputFormat* kind) {
    const char* without_decoder = nullptr;
    bool any = false;
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        AVStream& stream = *format_->streams[i];
        stream.discard = AVDISCARD_ALL;
        const AVCodecParameters& codec = *stream.codecpar;
        const bool picture = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
        if (stream_ != nullptr || codec.codec_type != AVMEDIA_TYPE_AUDIO || picture) continue;
        any = true;
        if (ffmpeg().avcodec_find_decoder(codec.codec_id) == nullptr) {
            if (without_decoder == nullptr) without_decoder = ffmpeg().avcodec_get_name(codec.codec_id);
        } else if (codec.sample_rate > 0 && codec.ch_layout.nb_channels > 0) {
            stream_ = &stream;
        }
    }
    if (stream_ == nullptr && without_decoder != nullptr) {
        base::fail(ErrorCode::unsupported,
                   "{}: its audio is of the kind '{}', which this FFmpeg cannot decode. Convert it first.",
                   input_->name(), without_decoder);
    }
    if (stream_ == nullptr && any) refuse(kind, "it is cut short or damaged. Copy it again from its source");
    if (stream_ == nullptr) refuse(kind, "there is no sound in it. Name a sound file");
    stream_->discard = AVDISCARD_DEFAULT;
    const AVCodecParameters& codec = *stream_->codecpar;
    if (codec.sample_rate < Resampler::min_rate || codec.sample_rate > Resampler::max_rate) {
        base::fail(ErrorCode::unsupported, "{}: has {} samples per second; {} to {} can be read. Convert it first.",
                   input_->name(), codec.sample_rate, Resampler::min_rate, Resampler::max_rate);
    }
    info_.container = kind->name;
    info_.codec = ffmpeg().avcodec_get_name(codec.codec_id);
    info_.sample_rate = codec.sample_rate;
    info_.channels = codec.ch_layout.nb_channels;
}

/// Whether the length of the whole is the length of the sound: the picture of a video may go on longer.
bool Container::is_only_stream() const {
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        const AVStream& stream = *format_->streams[i];
        if (&stream != stream_ && (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0) return false;
    }
    return true;
}

int Container::read(AVPacket& packet) noexcept {
    for (;;) {
        const int result = ffmpeg().av_read_frame(format_.get(), &packet);
        if (result < 0 || packet.stream_index == stream_->index) return result;
        ffmpeg().av_packet_unref(&packet);
    }
}

bool Container::seek(std::int64_t time) noexcept {
    static constexpr std::array<std::string_view, 7> exact = {
        "flac", "mov,mp4,m4a,3gp,3g2,mj2", "wav", "w64", "aiff", "au", "caf"};
    // In Ogg FFmpeg counts back from the end of a page and, after seeking, mistakes the lengths of packets other than
    // Opus'.
    const bool opus = info_.container == "ogg" && info_.codec == "opus";
    return (opus || std::find(exact.begin(), exact.end(), info_.container) != exact.end()) &&
           ffmpeg().av_seek_frame(format_.get(), stream_->index, time, AVSEEK_FLAG_BACKWARD) >= 0;
}

std::string Container::tag(const char* name) const {
    for (const AVDictionary* tags : {stream_->metadata, format_->metadata}) {
        const AVDictionaryEntry* const entry = ffmpeg().av_dict_get(tags, name, nullptr, 0);
        if (entry != nullptr && *entry->value != '\0') return entry->value;
    }
    return {};
}

bool refused_format(const AVInputFormat& kind) {
    return (kind.flags & AVFMT_NOFILE) != 0 || ffmpeg().av_match_name(kind.name, refused) != 0;
}

double count_seconds(std::shared_ptr<Input> input) {
    Container container(std::move(input));
    const QuietFfmpeg quiet;
    AVPacket* packet = ffmpeg().av_packet_alloc();
    if (packet == nullptr) throw std::bad_alloc();
    double units = 0.0;
    while (container.read(*packet) >= 0) {
        units += static_cast<double>(std::max<std::int64_t>(packet->duration, 0));
        ffmpeg().av_packet_unref(packet);
    }
    ffmpeg().av_packet_free(&packet);
    return units * av_q2d(container.stream().time_base);
}

}  // namespace earmark::audio
