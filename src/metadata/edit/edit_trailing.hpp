#pragma once

#include "metadata/edit/edit_id3v2.hpp"
#include "metadata/formats/trailing.hpp"

namespace earmark::metadata {

/// @param insert  also where the tag has no such field
void edit_ape(Splices& splices, const ByteSource& source, const ApeTag& tag, const FieldEdit& edit, bool insert);
std::string new_ape(const FieldEdit& edit, const std::vector<CarriedField>& fields);

/// The number of the first genre, where it has one, and its name in the enhanced tag.
void edit_id3v1(Splices& splices, const ByteSource& source, const TrailingTags& tags,
                const std::vector<std::string>& genres);

/// Whether a tag says what a track is called, rather than how loud it is.
bool describes_track(const ApeTag& tag);

}  // namespace earmark::metadata
