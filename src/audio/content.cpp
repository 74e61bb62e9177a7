#include "audio/content.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "audio/container.hpp"
#include "audio/ffmpeg.hpp"
#include "audio/ffmpeg_log.hpp"
#include "core/throw.hpp"

namespace earmark {

AudioContent read_content(const std::filesystem::path& path) {
    Container container(path);
    const AudioInfo& info = container.info();
    ContentHash hash;
    hash.add(fmt::format("{} {} {}\n", info.codec, info.sample_rate, info.channels));

    const QuietFfmpeg quiet;
    const auto free = [](AVPacket* packet) { ffmpeg().av_packet_free(&packet); };
    const std::unique_ptr<AVPacket, decltype(free)> packet(ffmpeg().av_packet_alloc(), free);
    if (!packet) throw std::bad_alloc();
    while (container.read(*packet) >= 0) {
        hash.add({packet->data, static_cast<std::size_t>(std::max(packet->size, 0))});
        ffmpeg().av_packet_unref(packet.get());
    }
    container.file().check_readable();
    container.file().check_unchanged();
    return {hash.digest(), container.tag("genre"), container.tag("artist"), container.tag("title")};
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

}  // namespace earmark
