#include "metadata/formats/ogg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "metadata/formats/vorbis.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

constexpr std::uint64_t header_size = 27;

/// More bytes of headers than any tagger writes.
constexpr std::uint64_t largest_headers = std::uint64_t{1} << 27;

Container kind_of(std::string_view packet) {
    if (packet.starts_with("\x01vorbis")) return Container::ogg_vorbis;
    if (packet.starts_with("OpusHead")) return Container::ogg_opus;
    if (packet.starts_with("Speex   ")) return Container::ogg_speex;
    if (packet.starts_with("\x7F"
                           "FLAC"))
        return Container::ogg_flac;
    return Container::ogg_other;
}

/// Adds a page's bytes to packets. @return whether the last packet goes on in the next page
bool add_packets(const ByteSource& source, const OggPage& page, bool open, std::vector<std::string>& packets) {
    const std::string body = source.bytes(page.body(), page.end - page.body());
    std::size_t at = 0;
    for (const char length : page.lacing) {
        const auto size = static_cast<std::size_t>(static_cast<unsigned char>(length));
        if (!open || packets.empty()) packets.emplace_back();
        packets.back() += body.substr(std::min(at, body.size()), size);
        at += size;
        open = size == 255;
    }
    return open;
}

/// A stream while its headers are read.
struct Reading {
    OggStream stream;
    std::uint64_t bytes = 0;
    bool open = false;
    bool done = false;
};

/// The first page at or behind an offset, within what damage or padding may take.
std::optional<OggPage> next_page(const ByteSource& source, std::uint64_t offset) {
    if (auto page = parse_page(source, offset)) return page;
    constexpr std::uint64_t window = std::uint64_t{1} << 16;
    const std::string bytes = source.bytes(offset, window);
    for (std::size_t at = bytes.find("OggS"); at != std::string::npos; at = bytes.find("OggS", at + 1)) {
        if (auto page = parse_page(source, offset + at)) return page;
    }
    return std::nullopt;
}

bool take(const ByteSource& source, const OggPage& page, Reading& reading) {
    reading.bytes += page.end - page.offset;
    if (reading.bytes > largest_headers) return false;
    reading.open = add_packets(source, page, reading.open, reading.stream.packets);
    reading.stream.pages.push_back(page);
    // Those of Vorbis are two, comments and set-up; others' comments end with their page.
    const std::size_t wanted = reading.stream.kind == Container::ogg_vorbis ? 2 : 1;
    reading.stream.whole = !reading.open && reading.stream.packets.size() >= wanted;
    return !reading.stream.whole;
}

}  // namespace

std::uint32_t ogg_checksum(std::string_view page) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < made.size(); ++i) {
            std::uint32_t value = i << 24;
            for (int bit = 0; bit < 8; ++bit)
                value = (value & 0x80000000U) != 0 ? value << 1 ^ 0x04C11DB7U : value << 1;
            made[i] = value;
        }
        return made;
    }();
    std::uint32_t sum = 0;
    for (const char c : page) sum = sum << 8 ^ table[(sum >> 24 ^ static_cast<unsigned char>(c)) & 0xFF];
    return sum;
}

std::optional<OggPage> parse_page(const ByteSource& source, std::uint64_t offset) {
    const std::string head = source.bytes(offset, header_size + 255);
    if (head.size() < header_size || !head.starts_with(std::string_view("OggS\0", 5))) return std::nullopt;
    OggPage page;
    page.offset = offset;
    page.flags = static_cast<unsigned>(big_endian(head, 5, 1));
    page.granule = little_endian(head, 6, 8);
    page.serial = static_cast<std::uint32_t>(little_endian(head, 14, 4));
    page.sequence = static_cast<std::uint32_t>(little_endian(head, 18, 4));
    page.lacing = head.substr(header_size, big_endian(head, 26, 1));
    page.end = page.body();
    for (const char length : page.lacing) page.end += static_cast<unsigned char>(length);
    if (page.end > source.size()) return std::nullopt;
    return page;
}

std::string render_page(const OggPage& page, const std::string& lacing, const std::string& body) {
    std::string bytes("OggS\0", 5);
    bytes += static_cast<char>(page.flags);
    bytes += to_little_endian(page.granule, 8) + to_little_endian(page.serial, 4) + to_little_endian(page.sequence, 4);
    const std::size_t sum = bytes.size();
    bytes += std::string(4, '\0') + static_cast<char>(lacing.size()) + lacing + body;
    return bytes.replace(sum, 4, to_little_endian(ogg_checksum(bytes), 4));
}

std::size_t OggStream::comments_begin() const {
    switch (kind) {
        case Container::ogg_vorbis:
            return 7;
        case Container::ogg_opus:
            return 8;
        case Container::ogg_flac:
            return 4;
        default:
            return 0;
    }
}

std::vector<OggStream> parse_ogg(const ByteSource& source, std::uint64_t begin, bool first_only) {
    constexpr std::size_t most_streams = 256;
    std::map<std::uint32_t, Reading> open;  // by serial
    std::vector<OggStream> streams;
    std::vector<std::uint32_t> order;
    std::uint64_t at = begin;
    std::uint64_t pages = 0;
    while (const auto page = next_page(source, at)) {
        at = std::max(page->end, at + 1);
        ++pages;
        if ((page->flags & 2) != 0) {
            if (streams.size() + open.size() >= most_streams) break;
            const Container kind =
                kind_of(source.bytes(page->body(), std::min<std::uint64_t>(64, page->end - page->body())));
            if (kind == Container::ogg_other) continue;
            Reading reading;
            reading.stream.kind = kind;
            reading.stream.serial = page->serial;
            open.insert_or_assign(page->serial, std::move(reading));
            continue;
        }
        const auto reading = open.find(page->serial);
        if (reading == open.end()) continue;
        if (take(source, *page, reading->second)) continue;
        streams.push_back(std::move(reading->second.stream));
        open.erase(reading);
        if (first_only) break;
    }
    return streams;
}

Container kind_of_ogg(const ByteSource& source, std::uint64_t begin) {
    std::uint64_t at = begin;
    for (int i = 0; i < 16; ++i) {
        const auto page = parse_page(source, at);
        if (!page || (page->flags & 2) == 0) break;
        const Container kind = kind_of(source.bytes(page->body(), 64));
        if (kind != Container::ogg_other) return kind;
        at = page->end;
    }
    return Container::ogg_other;
}

void collect_ogg(Collector& collector, const std::vector<OggStream>& streams) {
    int number = 0;
    for (const OggStream& stream : streams) {
        const std::string where = fmt::format("comments of Ogg stream {}", ++number);
        if (stream.packets.empty() || stream.pages.empty()) continue;
        const std::string& packet = stream.packets.front();
        const std::size_t begin = std::min(stream.comments_begin(), packet.size());
        const std::size_t before = collector.metadata().items.size();
        collect_comments(collector, std::string_view(packet).substr(begin), where, stream.pages.front().body() + begin);
        // The first stream's tags are the file's: those of others are left alone.
        if (number == 1) continue;
        for (std::size_t i = before; i < collector.metadata().items.size(); ++i) {
            collector.metadata().items[i].field = Field::other;
        }
    }
    if (number > 1) collector.add_oddity("Ogg: has several streams; the first is the one that is tagged.");
}

}  // namespace earmark::metadata
