#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/collector.hpp"
#include "metadata/formats/id3v2.hpp"

namespace earmark::metadata {

/// An item of an APE tag.
struct ApeItem {
    std::string key;
    std::uint32_t flags = 0;
    std::uint64_t begin = 0;  ///< in the file
    std::uint64_t value = 0;
    std::uint64_t end = 0;
};

/// An APE tag (wiki.hydrogenaud.io: APEv2 specification).
struct ApeTag {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint32_t version = 2000;
    std::optional<std::uint64_t> header;  ///< where it stands
    std::optional<std::uint64_t> footer;
    std::uint64_t items_begin = 0;
    std::uint64_t items_end = 0;  ///< behind the last item that could be read
    std::uint64_t body_end = 0;
    std::vector<ApeItem> items;
};

std::optional<ApeTag> parse_ape_at(const ByteSource& source, std::uint64_t begin, std::uint64_t limit);
std::optional<ApeTag> parse_ape_before(const ByteSource& source, std::uint64_t end);
void collect_ape(Collector& collector, const ApeTag& tag, const std::string& where);
Field field_of(const ApeItem& item);

/// What stands behind the sound of a file without a container around it, in the order of the file.
struct TrailingTags {
    std::uint64_t begin = 0;  ///< the end of the sound
    std::vector<ApeTag> ape;
    std::vector<Id3v2Tag> id3v2;
    std::optional<std::uint64_t> id3v1;     ///< the offset of "TAG"
    std::optional<std::uint64_t> enhanced;  ///< of "TAG+"
    struct Piece {
        std::string name;
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };
    std::vector<Piece> opaque;  ///< Lyrics3
};

/// @param begin  nothing before it belongs to a tag
TrailingTags parse_trailing(const ByteSource& source, std::uint64_t begin);
void collect_trailing(Collector& collector, const TrailingTags& tags);

/// A field of an ID3v1 tag.
struct Id3v1Field {
    const char* key = "";
    std::size_t offset = 0;
    std::size_t size = 0;
};

/// Those of a tag whose bytes these are, with the track of ID3v1.1 where it has one.
std::vector<Id3v1Field> id3v1_fields(std::string_view tag);

constexpr std::uint64_t id3v1_size = 128;
constexpr std::uint64_t enhanced_size = 227;
constexpr std::size_t id3v1_genre_offset = 127;
constexpr std::size_t enhanced_genre_offset = 185;
constexpr std::size_t enhanced_genre_size = 30;

}  // namespace earmark::metadata
