#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace earmark::library {

/// The genres that a genre tag names: "Rock; Hard Rock/Metal" names three. They may be parted by ; / , | or a NUL;
/// spaces around them are left out.
std::vector<std::string> genres_of_tag(std::string_view tag);

/// Whether a genre tag names `genre`, by itself or as part of a finer one: "Hard Rock" names rock, "Hip-Hop" names
/// hiphop, "Rocksteady" does not name rock. Case and everything but letters and digits make no difference.
bool tag_names(std::string_view tag, std::string_view genre);

/// Whether a genre tag names genres, but not `genre`.
bool tag_disagrees(std::string_view tag, std::string_view genre);

}  // namespace earmark::library
