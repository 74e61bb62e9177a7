#include "metadata/formats/trailing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr std::string_view lyrics_begin = "LYRICSBEGIN";

struct Found {
    std::uint64_t begin = 0;
    const char* name = nullptr;
};

/// Lyrics3 v2 or v1 that ends at `end`.
std::optional<Found> find_lyrics(const ByteSource& source, std::uint64_t begin, std::uint64_t end) {
    constexpr std::uint64_t foot_size = 15;  // six digits and "LYRICS200"
    if (end < begin + foot_size + lyrics_begin.size()) return std::nullopt;
    const std::string foot = source.bytes(end - foot_size, foot_size);
    if (foot.ends_with("LYRICS200")) {
        std::uint64_t size = 0;
        const auto [rest, error] = std::from_chars(foot.data(), foot.data() + 6, size);
        if (error != std::errc() || size > end - foot_size - begin) return std::nullopt;
        const std::uint64_t start = end - foot_size - size;
        if (source.bytes(start, lyrics_begin.size()) != lyrics_begin) return std::nullopt;
        return Found{start, "Lyrics3 tag"};
    }
    if (!foot.ends_with("LYRICSEND")) return std::nullopt;
    constexpr std::uint64_t longest = 5100 + 20;
    const std::uint64_t from = end - std::min(end - begin, longest);
    const std::size_t at = source.bytes(from, end - from).rfind(lyrics_begin);
    if (at == std::string::npos) return std::nullopt;
    return Found{from + at, "Lyrics3 tag"};
}

bool is_id3v1(const ByteSource& source, std::uint64_t begin, std::uint64_t end) {
    if (end < begin + id3v1_size || source.bytes(end - id3v1_size, 3) != "TAG") return false;
    // "APETAGEX" holds the word, too.
    return end < begin + id3v1_size + 3 || source.bytes(end - id3v1_size - 3, 8) != "APETAGEX";
}

bool all_zero(const std::string& bytes) {
    return bytes.find_first_not_of('\0') == std::string::npos;
}

}  // namespace

std::vector<Id3v1Field> id3v1_fields(std::string_view tag) {
    std::vector<Id3v1Field> fields{{"title", 3, 30}, {"artist", 33, 30}, {"album", 63, 30}, {"year", 93, 4}};
    const bool has_track = tag.size() == id3v1_size && tag[125] == '\0' && tag[126] != '\0';
    fields.push_back({"comment", 97, has_track ? std::size_t{28} : std::size_t{30}});
    if (has_track) fields.push_back({"track", 126, 1});
    fields.push_back({"genre", id3v1_genre_offset, 1});
    return fields;
}

TrailingTags parse_trailing(const ByteSource& source, std::uint64_t begin) {
    TrailingTags tags;
    std::uint64_t end = source.size();
    constexpr int most_pieces = 32;
    for (int piece = 0; piece < most_pieces && end > begin; ++piece) {
        if (is_id3v1(source, begin, end)) {
            end -= id3v1_size;
            if (tags.id3v1) {
                tags.opaque.insert(tags.opaque.begin(), {"second ID3v1 tag", end, end + id3v1_size});
            } else {
                tags.id3v1 = end;
            }
        } else if (end >= begin + enhanced_size && !tags.enhanced && source.bytes(end - enhanced_size, 4) == "TAG+") {
            end -= enhanced_size;
            tags.enhanced = end;
        } else if (auto ape = parse_ape_before(source, end); ape && ape->begin >= begin) {
            end = ape->begin;
            tags.ape.insert(tags.ape.begin(), *std::move(ape));
        } else if (auto id3v2 = parse_appended_id3v2(source, end); id3v2 && id3v2->offset >= begin) {
            end = id3v2->offset;
            tags.id3v2.insert(tags.id3v2.begin(), *std::move(id3v2));
        } else if (const auto lyrics = find_lyrics(source, begin, end)) {
            tags.opaque.insert(tags.opaque.begin(), {lyrics->name, lyrics->begin, end});
            end = lyrics->begin;
        } else {
            break;
        }
    }
    tags.begin = std::max(end, begin);
    return tags;
}

void collect_trailing(Collector& collector, const TrailingTags& tags) {
    int number = 0;
    for (const Id3v2Tag& tag : tags.id3v2) {
        collect_id3v2(collector, tag, fmt::format("{} tag behind the sound {}", name_of(tag), ++number));
    }
    number = 0;
    for (const ApeTag& tag : tags.ape) {
        collect_ape(collector, tag, fmt::format("APEv{} tag {}", tag.version / 1000, ++number));
    }
    for (const TrailingTags::Piece& piece : tags.opaque) {
        collector.add_range(piece.name, "", System::opaque, piece.begin, piece.end - piece.begin, piece.begin);
    }
    const ByteSource& source = collector.source();
    if (tags.enhanced) {
        static constexpr std::array<Id3v1Field, 7> fields{{{"title", 4, 60},
                                                           {"artist", 64, 60},
                                                           {"album", 124, 60},
                                                           {"speed", 184, 1},
                                                           {"genre", 185, 30},
                                                           {"start", 215, 6},
                                                           {"end", 221, 6}}};
        for (const Id3v1Field& field : fields) {
            const std::uint64_t at = *tags.enhanced + field.offset;
            collector.add_range("enhanced ID3v1 tag", field.key, System::id3v1, at, field.size, at).field =
                field.offset == enhanced_genre_offset ? Field::genre : Field::other;
        }
    }
    if (tags.id3v1) {
        for (const Id3v1Field& field : id3v1_fields(source.bytes(*tags.id3v1, id3v1_size))) {
            const std::uint64_t at = *tags.id3v1 + field.offset;
            collector.add_range("ID3v1 tag", field.key, System::id3v1, at, field.size, at).field =
                field.offset == id3v1_genre_offset ? Field::genre : Field::other;
        }
    }
}

namespace {

constexpr std::string_view ape_mark = "APETAGEX";
constexpr std::uint64_t ape_end_size = 32;
constexpr std::uint32_t ape_is_header = 0x20000000;
constexpr std::uint32_t ape_has_header = 0x80000000;

void read_items(const ByteSource& source, ApeTag& tag) {
    tag.items_end = tag.items_begin;
    constexpr std::size_t longest_key = 256;
    for (std::uint64_t at = tag.items_begin; at + 9 <= tag.body_end && tag.items.size() < Collector::most_items;) {
        const std::string head = source.bytes(at, std::min<std::uint64_t>(8 + longest_key, tag.body_end - at));
        const std::size_t key_end = head.find('\0', 8);
        const std::uint64_t size = little_endian(head, 0, 4);
        if (key_end == std::string::npos || key_end == 8) break;
        ApeItem item;
        item.key = head.substr(8, key_end - 8);
        if (!is_ascii(item.key)) break;
        item.flags = static_cast<std::uint32_t>(little_endian(head, 4, 4));
        item.begin = at;
        item.value = at + key_end + 1;
        if (item.value > tag.body_end || size > tag.body_end - item.value) break;
        item.end = at = item.value + size;
        tag.items_end = at;
        tag.items.push_back(std::move(item));
    }
}

}  // namespace

std::optional<ApeTag> parse_ape_at(const ByteSource& source, std::uint64_t begin, std::uint64_t limit) {
    const std::string head = source.bytes(begin, ape_end_size);
    if (!head.starts_with(ape_mark) || head.size() < ape_end_size) return std::nullopt;
    const std::uint64_t size = little_endian(head, 12, 4);
    if ((little_endian(head, 20, 4) & ape_is_header) == 0 || size > limit - begin - ape_end_size) return std::nullopt;
    ApeTag tag;
    tag.version = static_cast<std::uint32_t>(little_endian(head, 8, 4));
    tag.begin = begin;
    tag.header = begin;
    tag.end = tag.body_end = begin + ape_end_size + size;
    if (size >= ape_end_size && source.bytes(tag.end - ape_end_size, ape_mark.size()) == ape_mark) {
        tag.footer = tag.body_end = tag.end - ape_end_size;
    }
    tag.items_begin = begin + ape_end_size;
    read_items(source, tag);
    return tag;
}

std::optional<ApeTag> parse_ape_before(const ByteSource& source, std::uint64_t end) {
    if (end < ape_end_size) return std::nullopt;
    const std::string foot = source.bytes(end - ape_end_size, ape_end_size);
    if (!foot.starts_with(ape_mark)) return std::nullopt;
    const std::uint64_t size = little_endian(foot, 12, 4);
    const std::uint64_t flags = little_endian(foot, 20, 4);
    if ((flags & ape_is_header) != 0 || size < ape_end_size || size > end) return std::nullopt;
    ApeTag tag;
    tag.version = static_cast<std::uint32_t>(little_endian(foot, 8, 4));
    tag.end = end;
    tag.footer = tag.body_end = end - ape_end_size;
    tag.begin = tag.items_begin = end - size;
    if (tag.begin >= ape_end_size && source.bytes(tag.begin - ape_end_size, ape_mark.size()) == ape_mark) {
        tag.begin -= ape_end_size;
        tag.header = tag.begin;
    } else if ((flags & ape_has_header) != 0 && tag.begin >= ape_end_size &&
               all_zero(source.bytes(tag.begin - ape_end_size, ape_end_size))) {
        tag.begin -= ape_end_size;  // a header of zeros, as some have it
    }
    read_items(source, tag);
    return tag;
}

Field field_of(const ApeItem& item) {
    if (equals_ignoring_case(item.key, "genre")) return Field::genre;
    return equals_ignoring_case(item.key, "mood") ? Field::mood : Field::other;
}

void collect_ape(Collector& collector, const ApeTag& tag, const std::string& where) {
    for (const ApeItem& item : tag.items) {
        Item& added = collector.add_range(where, item.key, System::ape, item.value, item.end - item.value, item.begin);
        added.type = item.flags;
        added.field = field_of(item);
    }
    if (tag.items_end < tag.body_end) {
        collector.add_range(where, "unreadable rest", System::opaque, tag.items_end, tag.body_end - tag.items_end,
                            tag.items_end);
        collector.add_oddity(where + ": its end cannot be read.");
    }
}

}  // namespace earmark::metadata
