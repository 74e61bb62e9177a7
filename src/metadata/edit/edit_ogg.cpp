#include <algorithm>

#include "base/throw.hpp"
#include "metadata/edit/edit_comments.hpp"
#include "metadata/formats/ogg.hpp"
#include "metadata/formats/vorbis.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

constexpr std::size_t most_segments = 255;
constexpr std::uint64_t no_granule = ~std::uint64_t{0};

/// Packets as the segments of Ogg: lengths, bytes, and after which segments a packet ends.
struct Segments {
    std::string lengths;
    std::string bytes;
    std::vector<bool> ends;

    explicit Segments(const std::vector<std::string>& packets) {
        for (const std::string& packet : packets) {
            lengths.append(packet.size() / 255, '\xFF').append(1, static_cast<char>(packet.size() % 255));
            ends.resize(lengths.size(), false);
            ends.back() = true;
            bytes += packet;
        }
    }
};

/// How many segments each page gets: as many pages as there were, where that is possible, so that those behind keep
/// their numbers.
std::vector<std::size_t> distribute(std::size_t segments, const std::vector<OggPage>& pages) {
    std::vector<std::size_t> counts;
    std::size_t left = segments;
    for (std::size_t i = 0; left > 0; ++i) {
        std::size_t count = std::min(left, most_segments);
        if (i < pages.size()) {
            const std::size_t behind = pages.size() - i - 1;
            const std::size_t least = left > behind * most_segments ? left - behind * most_segments : 1;
            const std::size_t most = std::min(most_segments, left > behind ? left - behind : 1);
            count = std::min(std::max(pages[i].lacing.size(), least), most);
        }
        counts.push_back(count);
        left -= count;
    }
    return counts;
}

void renumber(Splices& splices, const ByteSource& source, const OggStream& stream, std::int64_t shift) {
    std::uint64_t at = stream.pages.back().end;
    while (const auto page = parse_page(source, at)) {
        at = page->end;
        if (page->serial != stream.serial) continue;
        if ((page->flags & 2) != 0) break;  // the next link
        OggPage moved = *page;
        moved.sequence = static_cast<std::uint32_t>(static_cast<std::int64_t>(page->sequence) + shift);
        const std::string before = source.bytes(page->offset, page->end - page->offset);
        const std::string after = render_page(moved, page->lacing, before.substr(27 + page->lacing.size()));
        // The number and the checksum stand one behind the other.
        splices.add_difference(page->offset + 18, std::string_view(before).substr(18, 8),
                               std::string_view(after).substr(18, 8));
    }
}

void repage(Splices& splices, const ByteSource& source, const OggStream& stream,
            const std::vector<std::string>& packets) {
    const Segments segments(packets);
    const std::vector<std::size_t> counts = distribute(segments.lengths.size(), stream.pages);
    const std::vector<OggPage>& pages = stream.pages;
    std::size_t segment = 0;
    std::size_t byte = 0;
    std::string extra;
    for (std::size_t i = 0; i < std::max(counts.size(), pages.size()); ++i) {
        const OggPage& old = pages[std::min(i, pages.size() - 1)];
        std::string bytes;
        if (i < counts.size()) {
            OggPage page = old;
            page.sequence = pages.front().sequence + static_cast<std::uint32_t>(i);
            const std::string lacing = segments.lengths.substr(segment, counts[i]);
            std::size_t size = 0;
            bool ends = false;
            for (std::size_t k = 0; k < counts[i]; ++k) {
                size += static_cast<unsigned char>(lacing[k]);
                ends = ends || segments.ends[segment + k];
            }
            const bool goes_on = segment > 0 && !segments.ends[segment - 1];
            page.flags = (pages.front().flags & ~5U) | (goes_on ? 1U : 0U) |
                         (i + 1 == counts.size() ? pages.back().flags & 4U : 0U);
            page.granule = i + 1 == counts.size() ? pages.back().granule : ends ? 0 : no_granule;
            bytes = render_page(page, lacing, segments.bytes.substr(byte, size));
            segment += counts[i];
            byte += size;
        }
        if (i < pages.size()) {
            splices.add_difference(old.offset, source.bytes(old.offset, old.end - old.offset), bytes);
        } else {
            extra += bytes;
        }
    }
    splices.add(pages.back().end, pages.back().end, extra);
    const auto shift = static_cast<std::int64_t>(counts.size()) - static_cast<std::int64_t>(pages.size());
    if (shift != 0) renumber(splices, source, stream, shift);
}

}  // namespace

void edit_ogg(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit) {
    const std::vector<OggStream> streams = parse_ogg(source, begin, true);
    if (streams.empty() || !streams.front().whole) {
        base::fail(ErrorCode::corrupt,
                   "its first stream has no comments that end with a page: it is damaged. Copy it "
                   "again.");
    }
    const OggStream& stream = streams.front();
    std::vector<std::string> packets = stream.packets;
    std::string& packet = packets.front();
    const std::size_t head = stream.comments_begin();
    auto comments = packet.size() >= head ? parse_comments(std::string_view(packet).substr(head)) : std::nullopt;
    const bool flac = stream.kind == Container::ogg_flac;
    if (!comments || (flac && (packet[0] & 0x7F) != 4)) {
        base::fail(ErrorCode::unsupported,
                   "the comments of its first stream contradict themselves. Save its tags with another program, such "
                   "as Picard, first.");
    }
    set_values(*comments, edit.field, edit.values);
    const std::string rendered = render(*comments);
    if (flac && rendered.size() > 0xFFFFFF) {
        base::fail(ErrorCode::unsupported, "its VORBIS_COMMENT block would grow beyond 16 MB.");
    }
    const std::string name = flac ? packet.substr(0, 1) + to_big_endian(rendered.size(), 3) : packet.substr(0, head);
    packet = name + rendered;
    repage(splices, source, stream, packets);
}

}  // namespace earmark::metadata
