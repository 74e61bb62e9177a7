#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "metadata/formats/id3v2.hpp"
#include "metadata/formats/ogg.hpp"
#include "metadata/formats/trailing.hpp"
#include "metadata/metadata.hpp"
#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::pair<std::string_view, Container>, 30> beginnings{{
    {"fLaC"sv, Container::flac},
    {"OggS"sv, Container::ogg_other},
    {"\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, Container::asf},
    {"wvpk"sv, Container::wavpack},
    {"MAC "sv, Container::monkeys_audio},
    {"MACF"sv, Container::monkeys_audio},
    {"MP+"sv, Container::musepack},
    {"MPCK"sv, Container::musepack},
    {"DSD "sv, Container::dsf},
    {"OFR "sv, Container::optim_frog},
    {"tBaK"sv, Container::tak},
    {"TTA1"sv, Container::true_audio},
    {"TTA2"sv, Container::true_audio},
    {"\x1A\x45\xDF\xA3"sv, Container::matroska},
    {"caff"sv, Container::caf},
    {".snd"sv, Container::au},
    {"MThd"sv, Container::midi},
    {"riff\x2E\x91\xCF\x11"sv, Container::wave64},
    {"RF64"sv, Container::rf64},
    {"BW64"sv, Container::rf64},
    {"#!AMR"sv, Container::amr},
    {"FRM8"sv, Container::dff},
    {".RMF"sv, Container::real},
    {".ra\xFD"sv, Container::real},
    {"\x0B\x77"sv, Container::ac3},
    {"\x77\x0B"sv, Container::ac3},
    {"\x7F\xFE\x80\x01"sv, Container::dts},
    {"\xFE\x7F\x01\x80"sv, Container::dts},
    {"IMPM"sv, Container::module},
    {"Extended Module: "sv, Container::module},
}};

/// The length of the MPEG audio frame that begins there; 0 when none does. `layer` becomes 0 for ADTS.
std::size_t frame_length(std::string_view head, int& layer) {
    if (head.size() < 6 || head[0] != '\xFF' || (head[1] & 0xE0) != 0xE0) return 0;
    const unsigned b1 = static_cast<unsigned char>(head[1]);
    const unsigned b2 = static_cast<unsigned char>(head[2]);
    if ((b1 & 0xF6U) == 0xF0U) {
        layer = 0;
        return (static_cast<std::size_t>(big_endian(head, 3, 3)) >> 5) & 0x1FFF;
    }
    const unsigned version = b1 >> 3 & 3;  // 0: 2.5, 2: 2, 3: 1
    layer = 4 - static_cast<int>(b1 >> 1 & 3);
    const unsigned rate = b2 >> 4;
    const unsigned sampling = b2 >> 2 & 3;
    if (version == 1 || layer == 4 || rate == 0 || rate == 15 || sampling == 3) return 0;
    static constexpr std::array<std::array<int, 15>, 5> kilobits{{
        {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
        {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
        {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
    }};
    const std::size_t row = version == 3 ? static_cast<std::size_t>(layer - 1) : layer == 1 ? 3 : 4;
    static constexpr std::array<int, 3> hertz = {44100, 48000, 32000};
    const int bits = kilobits[row][rate] * 1000;
    const int samples_per_second = hertz[sampling] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    const int padding = static_cast<int>(b2 >> 1 & 1);
    if (layer == 1) return static_cast<std::size_t>((12 * bits / samples_per_second + padding) * 4);
    const int slots = layer == 3 && version != 3 ? 72 : 144;
    return static_cast<std::size_t>(slots * bits / samples_per_second + padding);
}

/// MP3, MP2 or ADTS by two frames in a row, behind what may stand before the first.
Container stream_of(const ByteSource& source, std::uint64_t begin) {
    constexpr std::uint64_t window = std::uint64_t{1} << 17;
    const std::string bytes = source.bytes(begin, window);
    const std::string_view view(bytes);
    for (std::size_t at = view.find('\xFF'); at != std::string_view::npos; at = view.find('\xFF', at + 1)) {
        int layer = 0;
        int next = 0;
        const std::size_t length = frame_length(view.substr(at), layer);
        if (length < 7) continue;
        const std::size_t behind = at + length;
        const bool ends = behind >= view.size();  // of a file of one frame
        if (ends ? at != 0 : frame_length(view.substr(behind), next) == 0 && view.substr(behind, 3) != "TAG") continue;
        if (!ends && next != layer && view.substr(behind, 3) != "TAG") continue;
        return layer == 0 ? Container::adts : Container::mpeg;
    }
    return Container::unknown;
}

}  // namespace

Container container_of(const ByteSource& source) {
    std::uint64_t begin = 0;
    for (const Id3v2Tag& tag : parse_id3v2_tags(source, 0, source.size())) begin = tag.end;
    if (const auto ape = parse_ape_at(source, begin, source.size())) begin = ape->end;
    return container_at(source, begin);
}

Container container_at(const ByteSource& source, std::uint64_t begin) {
    const std::string head = source.bytes(begin, 40);
    for (const auto& [bytes, container] : beginnings) {
        if (!head.starts_with(bytes)) continue;
        if (container == Container::ogg_other) return kind_of_ogg(source, begin);
        // Two bytes alone may also be chance in a stream of MPEG.
        if (container == Container::ac3 && stream_of(source, begin) == Container::mpeg) return Container::mpeg;
        return container;
    }
    const std::string kind = head.size() >= 12 ? head.substr(8, 4) : std::string();
    if (head.starts_with("RIFF") && kind == "WAVE") return Container::wave;
    if (head.starts_with("FORM") && (kind == "AIFF" || kind == "AIFC")) return Container::aiff;
    static constexpr std::array<std::string_view, 8> atoms = {"ftyp", "moov", "mdat", "free",
                                                              "skip", "wide", "pnot", "uuid"};
    if (head.size() >= 8 && std::ranges::find(atoms, std::string_view(head).substr(4, 4)) != atoms.end()) {
        return Container::mp4;
    }
    return stream_of(source, begin);
}

const char* name_of(Container container) {
    switch (container) {
        case Container::unknown:
            return "unknown";
        case Container::mpeg:
            return "MP3";
        case Container::adts:
            return "bare AAC";
        case Container::flac:
            return "FLAC";
        case Container::ogg_vorbis:
            return "Ogg Vorbis";
        case Container::ogg_opus:
            return "Opus";
        case Container::ogg_speex:
            return "Speex";
        case Container::ogg_flac:
            return "Ogg FLAC";
        case Container::ogg_other:
            return "Ogg";
        case Container::mp4:
            return "MP4";
        case Container::wave:
            return "WAV";
        case Container::aiff:
            return "AIFF";
        case Container::asf:
            return "WMA";
        case Container::wavpack:
            return "WavPack";
        case Container::monkeys_audio:
            return "Monkey's Audio";
        case Container::musepack:
            return "Musepack";
        case Container::dsf:
            return "DSF (DSD)";
        case Container::optim_frog:
            return "OptimFROG";
        case Container::tak:
            return "TAK";
        case Container::true_audio:
            return "True Audio";
        case Container::matroska:
            return "Matroska or WebM";
        case Container::caf:
            return "Core Audio";
        case Container::au:
            return "AU";
        case Container::midi:
            return "MIDI";
        case Container::wave64:
            return "Wave64";
        case Container::rf64:
            return "RF64";
        case Container::amr:
            return "AMR";
        case Container::dff:
            return "DFF (DSD)";
        case Container::real:
            return "RealMedia";
        case Container::ac3:
            return "AC-3";
        case Container::dts:
            return "DTS";
        case Container::module:
            return "tracker module";
    }
    return "unknown";
}

bool is_taggable(Container container) {
    static constexpr std::array<Container, 13> kinds = {
        Container::mpeg,     Container::flac,     Container::ogg_vorbis,    Container::ogg_opus, Container::ogg_speex,
        Container::ogg_flac, Container::mp4,      Container::wave,          Container::aiff,     Container::asf,
        Container::wavpack,  Container::musepack, Container::monkeys_audio,
    };
    return std::ranges::find(kinds, container) != kinds.end();
}

bool extension_fits(Container container, std::string_view extension) {
    using enum Container;
    struct Row {
        std::string_view extension;
        std::array<Container, 5> kinds;
    };
    static constexpr std::array<Row, 25> rows{{
        {".mp3", {mpeg}},
        {".mp2", {mpeg}},
        {".flac", {flac}},
        {".fla", {flac}},
        {".ogg", {ogg_vorbis, ogg_opus, ogg_speex, ogg_flac, ogg_other}},
        {".oga", {ogg_vorbis, ogg_opus, ogg_speex, ogg_flac, ogg_other}},
        {".opus", {ogg_opus}},
        {".spx", {ogg_speex}},
        {".m4a", {mp4}},
        {".m4b", {mp4}},
        {".m4p", {mp4}},
        {".mp4", {mp4}},
        {".mov", {mp4}},
        {".wav", {wave}},
        {".wave", {wave}},
        {".aif", {aiff}},
        {".aiff", {aiff}},
        {".aifc", {aiff}},
        {".wma", {asf}},
        {".asf", {asf}},
        {".wv", {wavpack}},
        {".ape", {monkeys_audio}},
        {".mpc", {musepack}},
        {".mp+", {musepack}},
        {".mpp", {musepack}},
    }};
    const auto row =
        std::ranges::find_if(rows, [&](const Row& each) { return equals_ignoring_case(each.extension, extension); });
    return row == rows.end() || std::ranges::find(row->kinds, container) != row->kinds.end();
}

}  // namespace earmark::metadata
