#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// Vorbis comments (xiph.org: Vorbis comment field and header specification).
struct VorbisComments {
    std::string vendor;
    std::vector<std::string> fields;  ///< "ARTIST=Somebody", as they stand
    std::string rest;                 ///< behind the last: the framing bit, padding
};

/// None when the lengths contradict each other.
std::optional<VorbisComments> parse_comments(std::string_view bytes);
std::string render(const VorbisComments& comments);

/// What stands before the first equals sign; empty where there is none.
std::string_view name_of_field(std::string_view field);
Field field_of_comment(std::string_view comment);

/// Makes `values` those of a field, in the place of the first that there is, else at the end.
void set_values(VorbisComments& comments, Field field, const std::vector<std::string>& values);

/// @param offset  of the comments in the file; `bytes` may be spread over pages
void collect_comments(Collector& collector, std::string_view bytes, const std::string& where, std::uint64_t offset);

}  // namespace earmark::metadata
