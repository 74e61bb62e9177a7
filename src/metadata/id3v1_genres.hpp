#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace earmark::metadata {

/// The name that ID3v1 and Winamp give to a number; empty where they give none.
std::string genre_of_number(std::size_t number);

/// The number of a name, 255 when it has none. Case, blanks and hyphens make no difference.
std::uint8_t number_of_genre(const std::string& name);

}  // namespace earmark::metadata
