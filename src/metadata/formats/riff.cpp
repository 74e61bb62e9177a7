#include "metadata/formats/riff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "metadata/formats/id3v2.hpp"
#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

std::uint64_t number(std::string_view bytes, std::size_t offset, bool big) {
    return big ? big_endian(bytes, offset, 4) : little_endian(bytes, offset, 4);
}

/// Chunks one after the other. @return behind the last
std::uint64_t read_chunks(const ByteSource& source, std::uint64_t at, std::uint64_t limit, bool big,
                          std::vector<Chunk>& chunks) {
    while (at + chunk_header_size <= limit && chunks.size() < Collector::most_items) {
        const std::string head = source.bytes(at, chunk_header_size);
        const bool printable = std::ranges::all_of(head.substr(0, std::min<std::size_t>(4, head.size())),
                                                   [](char c) { return (c >= ' ' && c <= '~') || (c & 0x80) != 0; });
        if (head.size() < chunk_header_size || !printable) break;
        Chunk chunk;
        chunk.name = head.substr(0, 4);
        chunk.begin = at;
        chunk.content = at + chunk_header_size;
        const std::uint64_t size = number(head, 4, big);
        chunk.in_full = size <= limit - chunk.content;
        chunk.end = chunk.content + std::min(size, limit - chunk.content);
        chunk.next = chunk.end;
        // Some leave out the byte that pads an odd chunk, or count it.
        if (size % 2 != 0 && chunk.end < limit) {
            const std::string pad = source.bytes(chunk.end, 1);
            if (pad == std::string(1, '\0') || chunk.end + 1 == limit) chunk.next = chunk.end + 1;
        }
        at = chunk.next;
        const bool in_full = chunk.in_full;
        chunks.push_back(std::move(chunk));
        if (!in_full) break;
    }
    return at;
}

}  // namespace

ChunkFile parse_chunks(const ByteSource& source, std::uint64_t begin, bool big) {
    constexpr std::uint64_t head_size = 12;
    ChunkFile file;
    file.big_endian = big;
    file.begin = begin;
    const std::uint64_t size = number(source.bytes(begin, head_size), 4, big);
    const std::uint64_t declared = begin + chunk_header_size + size;
    file.size_known = size >= 4 && declared <= source.size();
    file.end = file.size_known ? declared : source.size();
    file.chunks_end = read_chunks(source, begin + head_size, file.end, big, file.chunks);
    // A file that says less than it holds, as those do that another program added chunks to: they are read, too.
    if (file.size_known && file.end < source.size() && file.chunks_end >= file.end) {
        std::vector<Chunk> more;
        const std::uint64_t end = read_chunks(source, file.chunks_end, source.size(), big, more);
        if (!more.empty() && more.back().in_full && source.size() - end < 2) {
            file.chunks.insert(file.chunks.end(), more.begin(), more.end());
            file.chunks_end = file.end = end;
        }
    }
    return file;
}

bool is_info_list(const ByteSource& source, const Chunk& chunk) {
    return chunk.name == "LIST" && source.bytes(chunk.content, 4) == "INFO";
}

bool is_id3_chunk(const Chunk& chunk) {
    return chunk.name == "id3 " || chunk.name == "ID3 ";
}

std::vector<Chunk> parse_info(const ByteSource& source, const Chunk& list) {
    std::vector<Chunk> chunks;
    read_chunks(source, list.content + 4, list.end, false, chunks);
    return chunks;
}

void collect_chunks(Collector& collector, const ChunkFile& file) {
    static constexpr std::array<std::string_view, 8> sound = {"data", "fmt ", "fact", "SSND",
                                                              "COMM", "FVER", "PAD ", "JUNK"};
    static constexpr std::array<std::string_view, 4> texts = {"NAME", "AUTH", "ANNO", "(c) "};
    const ByteSource& source = collector.source();
    int lists = 0;
    int tags = 0;
    for (const Chunk& chunk : file.chunks) {
        const std::uint64_t size = chunk.end - chunk.content;
        if (is_info_list(source, chunk)) {
            const std::string where = fmt::format("INFO list {}", ++lists);
            for (const Chunk& info : parse_info(source, chunk)) {
                Item& item = collector.add_range(where, info.name, System::riff_info, info.content,
                                                 info.end - info.content, info.begin);
                item.field = info.name == "IGNR" ? Field::genre : Field::other;
            }
        } else if (is_id3_chunk(chunk)) {
            ++tags;
            int within = 0;
            const std::vector<Id3v2Tag> found = parse_id3v2_tags(source, chunk.content, chunk.end);
            for (const Id3v2Tag& tag : found) {
                collect_id3v2(collector, tag, fmt::format("{} tag {} of ID3 chunk {}", name_of(tag), ++within, tags));
            }
            const std::uint64_t behind = found.empty() ? chunk.content : found.back().end;
            const std::string rest = source.bytes(behind, chunk.end - behind);
            if (rest.find_first_not_of('\0') != std::string::npos) {
                collector.add(fmt::format("rest of ID3 chunk {}", tags), "", System::opaque, rest, behind);
            }
        } else if (file.big_endian && std::ranges::find(texts, chunk.name) != texts.end()) {
            collector.add_range("AIFF text chunks", chunk.name, System::aiff, chunk.content, size, chunk.begin);
        } else if (std::ranges::find(sound, chunk.name) == sound.end()) {
            collector.add_range("chunks", chunk.name, System::opaque, chunk.content, size, chunk.begin);
        }
    }
    if (tags > 1) collector.add_oddity("has more than one ID3 chunk.");
    if (source.size() > file.chunks_end) {
        collector.add_range("behind the chunks", "", System::opaque, file.chunks_end, source.size() - file.chunks_end,
                            file.chunks_end);
    }
}

}  // namespace earmark::metadata
