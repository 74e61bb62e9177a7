#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// A chunk of RIFF or of AIFF's IFF.
struct Chunk {
    std::string name;
    std::uint64_t begin = 0;  ///< of its header of eight bytes
    std::uint64_t content = 0;
    std::uint64_t end = 0;   ///< of its content
    std::uint64_t next = 0;  ///< behind the byte that pads it
    bool in_full = true;     ///< what its size says is there
};

/// A WAV or AIFF file.
struct ChunkFile {
    bool big_endian = false;  ///< AIFF
    std::uint64_t begin = 0;  ///< of "RIFF"
    std::uint64_t end = 0;    ///< by its size, or that of the file where it says more
    bool size_known = true;   ///< its size is that of what is there
    std::vector<Chunk> chunks;
    std::uint64_t chunks_end = 0;  ///< behind the last that could be read
};

constexpr std::uint64_t chunk_header_size = 8;

ChunkFile parse_chunks(const ByteSource& source, std::uint64_t begin, bool big_endian);
/// The chunks of an INFO list.
std::vector<Chunk> parse_info(const ByteSource& source, const Chunk& list);
bool is_info_list(const ByteSource& source, const Chunk& chunk);
bool is_id3_chunk(const Chunk& chunk);
void collect_chunks(Collector& collector, const ChunkFile& file);

}  // namespace earmark::metadata
