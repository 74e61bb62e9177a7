#pragma once

#include <optional>
#include <vector>

#include "metadata/formats/trailing.hpp"

namespace earmark::metadata {

/// A file cut into the tags in front, what it is, and the tags behind.
struct Layout {
    Container container = Container::unknown;
    std::vector<Id3v2Tag> id3v2;  ///< in front
    std::optional<ApeTag> front_ape;
    std::uint64_t begin = 0;  ///< behind the tags in front
    std::uint64_t end = 0;    ///< before those behind
    TrailingTags trailing;    ///< of kinds whose files end without a mark
};

Layout parse_layout(const ByteSource& source);

}  // namespace earmark::metadata
