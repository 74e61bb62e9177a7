#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// A frame of an ID3v2 tag. Positions are those in the tag's body.
struct Id3v2Frame {
    std::string id;  ///< "TIT2", "TT2"
    std::uint32_t flags = 0;
    std::size_t begin = 0;    ///< of its header
    std::size_t content = 0;  ///< behind its header
    std::size_t end = 0;
};

/// An ID3v2 tag as it stands (id3.org: ID3v2.2, 2.3.0, 2.4.0).
struct Id3v2Tag {
    std::uint64_t offset = 0;  ///< of "ID3"
    std::uint64_t end = 0;     ///< behind it and its footer
    unsigned version = 0;      ///< 2, 3, 4
    unsigned flags = 0;
    bool footer = false;
    bool synchsafe = true;           ///< whether its size is written as it is to be
    bool plain_frame_sizes = false;  ///< ID3v2.4 with sizes of frames of eight bits a byte, as iTunes wrote them
    bool unsynchronised = false;     ///< the whole body was, as ID3v2.2 and 2.3 have it
    std::string raw;                 ///< what stands between header and end, or footer
    std::string body;                ///< the same without unsynchronisation
    std::size_t frames_begin = 0;    ///< behind the extended header
    std::vector<Id3v2Frame> frames;
    std::size_t frames_end = 0;  ///< behind the last frame that could be read
    bool padded = false;         ///< all behind `frames_end` is zero
};

/// Whether a tag begins there.
bool is_id3v2(std::string_view head);

/// The tag at `offset`; none when there is none.
std::optional<Id3v2Tag> parse_id3v2(const ByteSource& source, std::uint64_t offset, std::uint64_t limit);

/// The tag whose footer ends at `end`: those behind the sound.
std::optional<Id3v2Tag> parse_appended_id3v2(const ByteSource& source, std::uint64_t end);

/// All tags one after the other from `offset` on, with the zeros between them.
std::vector<Id3v2Tag> parse_id3v2_tags(const ByteSource& source, std::uint64_t offset, std::uint64_t limit);

/// @param where  "ID3v2.3 tag 1"
void collect_id3v2(Collector& collector, const Id3v2Tag& tag, const std::string& where);

/// "ID3v2.4"
std::string name_of(const Id3v2Tag& tag);

/// What a frame says: the mood stands in TMOO or, in versions before 2.4, in TXXX:MOOD.
Field field_of(const Id3v2Tag& tag, const Id3v2Frame& frame);

/// A frame's content without unsynchronisation, its group and its length; none when it is compressed or encrypted.
std::optional<std::string> plain_content(const Id3v2Tag& tag, const Id3v2Frame& frame);

/// Inserts a zero wherever ID3v2 asks for it.
std::string unsynchronised(std::string_view bytes);

}  // namespace earmark::metadata
