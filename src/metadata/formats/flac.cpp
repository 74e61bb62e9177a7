#include "metadata/formats/flac.hpp"

#include <fmt/format.h>

#include <array>

#include "metadata/formats/vorbis.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

FlacBlocks parse_flac(const ByteSource& source, std::uint64_t begin) {
    constexpr unsigned invalid = 127;
    FlacBlocks result;
    std::uint64_t at = begin + 4;
    while (result.blocks.size() < Collector::most_items) {
        const std::string head = source.bytes(at, flac_header_size);
        if (head.size() < flac_header_size) break;
        FlacBlock block;
        block.type = static_cast<unsigned>(big_endian(head, 0, 1) & 0x7F);
        block.last = (head[0] & 0x80) != 0;
        block.begin = at;
        block.end = at + flac_header_size + big_endian(head, 1, 3);
        if (block.type == invalid || block.end > source.size()) break;
        at = block.end;
        result.blocks.push_back(block);
        if (block.last) {
            result.whole = true;
            break;
        }
    }
    result.end = at;
    return result;
}

void collect_flac(Collector& collector, const FlacBlocks& blocks) {
    static constexpr std::array<const char*, 7> names = {"STREAMINFO",     "PADDING",  "APPLICATION", "SEEKTABLE",
                                                         "VORBIS_COMMENT", "CUESHEET", "PICTURE"};
    int comments = 0;
    for (const FlacBlock& block : blocks.blocks) {
        const std::uint64_t begin = block.begin + flac_header_size;
        if (block.type == flac_padding) continue;
        if (block.type == flac_comment) {
            collect_comments(collector, collector.source().bytes(begin, block.end - begin),
                             fmt::format("FLAC comment block {}", ++comments), begin);
            continue;
        }
        const std::string name =
            block.type < names.size() ? names[block.type] : fmt::format("block of type {}", block.type);
        collector.add_range("FLAC blocks", name, System::flac, begin, block.end - begin, block.begin).type = block.type;
    }
    if (comments > 1) collector.add_oddity("FLAC: has more than one comment block.");
    if (!blocks.whole) collector.add_oddity("FLAC: its metadata blocks have no end.");
}

}  // namespace earmark::metadata
