#pragma once

#include <string>
#include <vector>

#include "metadata/edit/carry.hpp"
#include "metadata/edit/splice.hpp"
#include "metadata/formats/id3v2.hpp"

namespace earmark::metadata {

using Genres = std::vector<std::string>;

/// Makes `genres` those of a tag, whatever its version. All its other frames stay as they stand.
/// @param insert  also where it has none
/// @throws Error unsupported where the tag cannot be changed
void edit_id3v2(Splices& splices, const ByteSource& source, const Id3v2Tag& tag, const Genres& genres, bool insert);

/// A new tag, of version 2.4.
std::string new_id3v2(const Genres& genres, const std::vector<CarriedField>& fields);

}  // namespace earmark::metadata
