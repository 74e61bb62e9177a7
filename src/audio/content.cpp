#include "audio/content.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "audio/container.hpp"
#include "audio/ffmpeg.hpp"
#include "audio/ffmpeg_log.hpp"
#include "audio/input/input_file.hpp"
#include "audio/input/sound_input.hpp"
#include "base/throw.hpp"

namespace earmark::audio {

namespace {

/// Calls `take` with each packet of a file's audio stream.
template <typename Take>
void each_packet(Container& container, Take&& take) {
    const QuietFfmpeg quiet;
    const auto free = [](AVPacket* packet) { ffmpeg().av_packet_free(&packet); };
    const std::unique_ptr<AVPacket, decltype(free)> packet(ffmpeg().av_packet_alloc(), free);
    if (!packet) throw std::bad_alloc();
    while (container.read(*packet) >= 0) {
        take(*packet);
        ffmpeg().av_packet_unref(packet.get());
    }
    container.input().check_readable();
    container.input().check_unchanged();
}

/// A file's container, on what of it is sound where tags would be taken for that.
std::unique_ptr<Container> open_sound(std::shared_ptr<InputFile> file, const Container& whole) {
    std::shared_ptr<Input> sound = sound_of(file, whole.info().container);
    return sound == file ? nullptr : std::make_unique<Container>(std::move(sound));
}

template <typename Size>
std::span<const std::uint8_t> bytes_of(const std::uint8_t* data, Size size) {
    return {data, data != nullptr && size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// Adds numbers, whatever their types, so that none runs into the next.
template <typename... Numbers>
void add_numbers(files::ContentHash& hash, Numbers... numbers) {
    const std::int64_t values[] = {static_cast<std::int64_t>(numbers)...};
    hash.add(std::string_view(reinterpret_cast<const char*>(values), sizeof values));
}

}  // namespace

AudioContent read_content(const std::filesystem::path& path) {
    const auto file = std::make_shared<InputFile>(path);
    Container container(file);
    const AudioInfo& info = container.info();
    const std::unique_ptr<Container> sound = open_sound(file, container);
    files::ContentHash hash;
    hash.add(fmt::format("{} {} {}\n", info.codec, info.sample_rate, info.channels));
    each_packet(sound ? *sound : container,
                [&](const AVPacket& packet) { hash.add(bytes_of(packet.data, packet.size)); });
    AudioContent content{hash.digest(), {}};
    for (const char* name : {"genre", "artist", "album_artist", "title", "album", "date", "track"}) {
        if (std::string value = container.tag(name); !value.empty()) content.tags.emplace(name, std::move(value));
    }
    return content;
}

files::ContentHash::Digest hash_of_sound(const std::filesystem::path& path) {
    const auto file = std::make_shared<InputFile>(path);
    Container whole(file);
    const std::unique_ptr<Container> sound = open_sound(file, whole);
    Container& container = sound ? *sound : whole;
    const AVStream& stream = container.stream();
    const AVCodecParameters& codec = *stream.codecpar;
    files::ContentHash hash;
    add_numbers(hash, codec.codec_id, codec.codec_tag, codec.format, codec.profile, codec.level,
                codec.bits_per_coded_sample, codec.bits_per_raw_sample, codec.sample_rate, codec.ch_layout.order,
                codec.ch_layout.nb_channels,
                codec.ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? codec.ch_layout.u.mask : 0, codec.block_align,
                codec.frame_size, codec.initial_padding, codec.trailing_padding, codec.seek_preroll,
                codec.extradata_size, stream.time_base.num, stream.time_base.den);
    hash.add(bytes_of(codec.extradata, codec.extradata_size));
    each_packet(container, [&](const AVPacket& packet) {
        add_numbers(hash, packet.pts, packet.dts, packet.duration, packet.flags, packet.size);
        hash.add(bytes_of(packet.data, packet.size));
        for (int i = 0; i < packet.side_data_elems; ++i) {
            const AVPacketSideData& side = packet.side_data[i];
            if (side.type == AV_PKT_DATA_STRINGS_METADATA || side.type == AV_PKT_DATA_METADATA_UPDATE)
                continue;  // tags
            add_numbers(hash, side.type, side.size);
            hash.add(bytes_of(side.data, side.size));
        }
    });
    return hash.digest();
}

bool looks_like_audio(const std::filesystem::path& path) {
    constexpr std::size_t beginning = 1 << 16;
    std::vector<std::uint8_t> bytes(beginning + AVPROBE_PADDING_SIZE);
    std::size_t got = 0;
    try {
        InputFile file(path);
        while (got < beginning) {
            const std::ptrdiff_t more = file.read(static_cast<std::int64_t>(got), {&bytes[got], beginning - got});
            if (more <= 0) break;
            got += static_cast<std::size_t>(more);
        }
    } catch (const Error&) {
        return false;
    }
    // A picture in ID3 tags can be larger than what was read; no other files begin like that.
    if (std::string_view(reinterpret_cast<const char*>(bytes.data()), got).starts_with("ID3")) return true;
    const AVProbeData data{"", bytes.data(), static_cast<int>(got), nullptr};
    int score = 0;
    const QuietFfmpeg quiet;
    const AVInputFormat* const kind = ffmpeg().av_probe_input_format3(&data, 1, &score);
    if (kind == nullptr || score < AVPROBE_SCORE_EXTENSION || refused_format(*kind)) return false;
    return !std::string_view(kind->name).ends_with("_pipe");  // pictures
}

}  // namespace earmark::audio
