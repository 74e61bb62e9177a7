#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace earmark::base {

/// How many characters must be put in, left out, replaced or swapped with their neighbour to make `b` of `a` (the
/// restricted Damerau-Levenshtein distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `names` that somebody who wrote `word` may have meant; empty when none is near. The first of those
/// that are as near.
std::string nearest_name(std::string_view word, const std::vector<std::string>& names);

/// " Did you mean NAME?" for a message that `word` is unknown; empty when no name is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& names);

}  // namespace earmark::base
