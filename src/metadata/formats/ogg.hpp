#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// A page of Ogg (RFC 3533).
struct OggPage {
    std::uint64_t offset = 0;
    std::uint64_t end = 0;
    unsigned flags = 0;  ///< 1: goes on with a packet, 2: first of its stream, 4: last
    std::uint64_t granule = 0;
    std::uint32_t serial = 0;
    std::uint32_t sequence = 0;
    std::string lacing;  ///< lengths of its segments

    std::uint64_t body() const { return offset + 27 + lacing.size(); }
};

std::optional<OggPage> parse_page(const ByteSource& source, std::uint64_t offset);
/// The page with its checksum. @param lacing, body  as they are to be
std::string render_page(const OggPage& page, const std::string& lacing, const std::string& body);
/// The checksum of a page whose own field for it is zero.
std::uint32_t ogg_checksum(std::string_view page);

/// A stream of Ogg whose headers hold comments.
struct OggStream {
    Container kind = Container::ogg_other;
    std::uint32_t serial = 0;
    std::vector<OggPage> pages;        ///< from the comment packet's first on, to where its last header ends
    std::vector<std::string> packets;  ///< of these pages, the first of them the comments
    bool whole = false;                ///< the last packet ends with its page

    std::size_t comments_begin() const;  ///< within the first packet, behind its name
};

/// All streams with comments, link by link. @param first_only  looks no further than the first
std::vector<OggStream> parse_ogg(const ByteSource& source, std::uint64_t begin, bool first_only);
void collect_ogg(Collector& collector, const std::vector<OggStream>& streams);
/// What the first stream with sound is.
Container kind_of_ogg(const ByteSource& source, std::uint64_t begin);

}  // namespace earmark::metadata
