#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// An atom of MP4 (ISO 14496-12) or QuickTime, with those within it where it is known to hold some.
struct Mp4Atom {
    std::string name;
    std::uint64_t begin = 0;
    std::uint64_t content = 0;  ///< behind its header
    std::uint64_t end = 0;
    unsigned header = 8;      ///< 16: its size has 64 bits
    bool to_the_end = false;  ///< its size is 0: it goes to the end of the file
    std::vector<Mp4Atom> children;
    bool whole = true;  ///< its children end where it does

    const Mp4Atom* find(const std::string& child) const;
};

/// The atoms of a file, down to those of metadata and to the tables of offsets.
Mp4Atom parse_mp4(const ByteSource& source, std::uint64_t begin);

/// What handles a "meta" atom: "mdir", "mdta"; empty when it does not say.
std::string handler_of(const ByteSource& source, const Mp4Atom& meta);
/// The names of mdta's keys, the first of number 1.
std::vector<std::string> keys_of(const ByteSource& source, const Mp4Atom& meta);
/// "----:com.apple.iTunes:MOOD" of a free-form atom.
std::string freeform_key(const ByteSource& source, const Mp4Atom& atom);
/// What an atom of an "ilst" or "udta" says.
Field field_of(const ByteSource& source, const Mp4Atom& atom);
/// What one of mdta's keys says.
Field field_of_key(const std::string& key);

void collect_mp4(Collector& collector, const Mp4Atom& file);

}  // namespace earmark::metadata
