#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace earmark::base {

/// Bytes of the valid UTF-8 character at the start of `text` (RFC 3629); 0 when there is none.
std::size_t character_length(std::string_view text) noexcept;

/// `text` made fit to be shown on one line: invalid UTF-8 becomes U+FFFD, line breaks, tabs and other control
/// characters become blanks.
std::string printable(std::string_view text);

/// Printable text as the content of an XML element.
std::string xml_escaped(std::string_view text);

/// Byte offset of the character before the one at `offset`; `offset` is a boundary and not 0.
std::size_t previous_character(std::string_view text, std::size_t offset) noexcept;

}  // namespace earmark::base
