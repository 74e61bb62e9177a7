#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace earmark::library {

/// The form in which names of labels are compared: neither case, accents, blanks nor signs make a difference, nor does
/// "music" at the end. "Hip hop music" and "Hip-Hop" are the same.
std::string label_key(std::string_view label);

/// The names that somebody who wrote `word` may have meant, the nearest first: those that hold the word, then those that
/// are written almost as it is.
std::vector<std::string> near_labels(std::string_view word, const std::vector<std::string>& labels,
                                     std::size_t most = 5);

}  // namespace earmark::library
