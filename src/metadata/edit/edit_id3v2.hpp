#pragma once

#include <string>
#include <vector>

#include "metadata/edit/carry.hpp"
#include "metadata/edit/splice.hpp"
#include "metadata/formats/id3v2.hpp"

namespace earmark::metadata {

/// New values of a field.
struct FieldEdit {
    Field field = Field::genre;
    std::vector<std::string> values;  ///< none take away those that a file has
};

/// Makes the values those of a tag, whatever its version. All its other frames stay as they stand.
/// @param insert  also where it has none
/// @throws Error unsupported where the tag cannot be changed
void edit_id3v2(Splices& splices, const ByteSource& source, const Id3v2Tag& tag, const FieldEdit& edit, bool insert);

/// A new tag, of version 2.4.
std::string new_id3v2(const FieldEdit& edit, const std::vector<CarriedField>& fields);

}  // namespace earmark::metadata
