#pragma once

#include <string>
#include <string_view>

namespace earmark::cli {

/// What --help prints, fitted to the window: descriptions are broken between words and go on below themselves; in a
/// narrow window they stand below the names. Other lines keep their indentation.
std::string fitted_help(std::string_view text, std::size_t width);

}  // namespace earmark::cli
