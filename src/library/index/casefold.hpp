#pragma once

#include <string>
#include <string_view>

namespace earmark::library {

/// `text` in a form in which upper and lower case are the same, letters with accents and without, and letters that
/// Unicode can write in two ways (file names of macOS have "é" as "e" and an accent). Bytes that are no UTF-8 stay as
/// they are.
std::string casefold(std::string_view text);

}  // namespace earmark::library
