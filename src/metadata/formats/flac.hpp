#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// A metadata block of FLAC (RFC 9639, 8).
struct FlacBlock {
    unsigned type = 0;
    bool last = false;
    std::uint64_t begin = 0;  ///< of its header of four bytes
    std::uint64_t end = 0;
};

constexpr unsigned flac_padding = 1;
constexpr unsigned flac_comment = 4;
constexpr std::uint64_t flac_header_size = 4;
constexpr std::uint64_t largest_flac_block = 0xFFFFFF;

struct FlacBlocks {
    std::vector<FlacBlock> blocks;
    std::uint64_t end = 0;  ///< of what could be read
    bool whole = false;     ///< the last block was found
};

/// @param begin  of "fLaC"
FlacBlocks parse_flac(const ByteSource& source, std::uint64_t begin);
void collect_flac(Collector& collector, const FlacBlocks& blocks);

}  // namespace earmark::metadata
