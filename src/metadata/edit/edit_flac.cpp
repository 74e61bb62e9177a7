#include <algorithm>

#include "base/throw.hpp"
#include "metadata/edit/edit_comments.hpp"
#include "metadata/formats/flac.hpp"
#include "metadata/formats/vorbis.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

std::string block_header(unsigned type, bool last, std::uint64_t size) {
    return static_cast<char>(type | (last ? 0x80U : 0U)) + to_big_endian(size, 3);
}

/// Lets padding give what the blocks before and behind it take, so that the sound stays where it is.
void use_padding(Splices& splices, const ByteSource& source, const FlacBlocks& blocks) {
    const std::int64_t growth = splices.growth();
    if (growth == 0) return;
    for (const FlacBlock& block : blocks.blocks) {
        if (block.type != flac_padding) continue;
        const std::uint64_t begin = block.begin + flac_header_size;
        const auto size = static_cast<std::int64_t>(block.end - begin);
        if (size < growth || size - growth > static_cast<std::int64_t>(largest_flac_block)) continue;
        if (growth > 0) {
            splices.add(begin, begin + static_cast<std::uint64_t>(growth), "");
        } else {
            splices.add(begin, begin, std::string(static_cast<std::size_t>(-growth), '\0'));
        }
        splices.add_difference(block.begin, source.bytes(block.begin, flac_header_size),
                               block_header(flac_padding, block.last, static_cast<std::uint64_t>(size - growth)));
        return;
    }
}

}  // namespace

void edit_flac(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit) {
    const FlacBlocks blocks = parse_flac(source, begin);
    if (!blocks.whole) {
        base::fail(ErrorCode::corrupt, "its metadata blocks have no end: it is damaged. Copy it again.");
    }
    Splices within;
    bool first = true;
    for (const FlacBlock& block : blocks.blocks) {
        if (block.type != flac_comment) continue;
        const std::uint64_t content = block.begin + flac_header_size;
        const std::string before = source.bytes(content, block.end - content);
        auto comments = parse_comments(before);
        if (!comments) {
            base::fail(ErrorCode::unsupported,
                       "the VORBIS_COMMENT block at byte {} contradicts itself. Save its tags with another program, "
                       "such as Picard, first.",
                       block.begin);
        }
        // One place for the values: readers that join several blocks would have them twice.
        set_values(*comments, edit.field, first ? edit.values : std::vector<std::string>());
        first = false;
        const std::string after = render(*comments);
        if (after.size() > largest_flac_block) {
            base::fail(ErrorCode::unsupported, "its VORBIS_COMMENT block would grow beyond 16 MB.");
        }
        within.add_difference(content, before, after);
        within.add_difference(block.begin, source.bytes(block.begin, flac_header_size),
                              block_header(flac_comment, block.last, after.size()));
    }
    if (first && !edit.values.empty()) {
        VorbisComments comments;
        comments.vendor = "Earmark";
        set_values(comments, edit.field, edit.values);
        const std::string bytes = render(comments);
        // Behind STREAMINFO, which always is the first.
        const FlacBlock& info = blocks.blocks.front();
        within.add(info.end, info.end, block_header(flac_comment, info.last, bytes.size()) + bytes);
        if (info.last) {
            const std::string head = source.bytes(info.begin, flac_header_size);
            within.add_difference(info.begin, head,
                                  block_header(info.type, false, info.end - info.begin - flac_header_size));
        }
    }
    use_padding(within, source, blocks);
    splices.add(within);
}

}  // namespace earmark::metadata
