#pragma once

#include <string>
#include <vector>

#include "metadata/metadata.hpp"

namespace earmark::metadata {

/// What a file's other tags say of it, for a new tag that would hide them from players. Values are the bytes as they
/// stand, in UTF-8 or Latin-1.
struct CarriedField {
    enum class Name { title, artist, album, year, track, comment, genre };
    Name name = Name::title;
    std::string value;
};

/// Of APE tags, ID3v1, INFO lists and AIFF's text chunks, in this order: each name once, without the field that is
/// edited.
std::vector<CarriedField> carried_fields(const Metadata& metadata, Field edited);

}  // namespace earmark::metadata
