#pragma once

#include <string>
#include <string_view>

namespace earmark::formats {

/// `text` as the content of an element or of an attribute in quotes, on one line; see `printable`.
std::string escaped(std::string_view text);

/// Lower-case letters and digits of `text` with a hyphen for each run of anything else: "Table II (a)" is "table-ii-a".
std::string slug(std::string_view text);

/// Paragraphs of a text in which empty lines part them, each as a <p>.
std::string paragraphs(std::string_view text);

}  // namespace earmark::formats
