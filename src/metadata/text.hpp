#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace earmark::metadata {

bool is_ascii(std::string_view bytes);
bool is_utf8(std::string_view bytes);

/// Where Latin-1 has no letters, those of Windows-1252 are meant, which is the same but for these.
std::string latin1_to_utf8(std::string_view bytes);
/// Without a byte order mark the order is guessed: that in which more of the text is of the Latin alphabet, else as
/// `big_endian` says. Ends in half a character are left out.
std::string utf16_to_utf8(std::string_view bytes, bool big_endian = false);
std::string utf8_to_utf16(std::string_view text);  ///< least significant byte first, without a mark
/// UTF-8 where the bytes are that, else Latin-1.
std::string guess_to_utf8(std::string_view bytes);

bool equals_ignoring_case(std::string_view a, std::string_view b);  ///< of ASCII letters

/// The parts between separators, without the empty ones.
std::vector<std::string> split(std::string_view text, char separator = '\0');
std::string join_with_nul(const std::vector<std::string>& values);

/// What stands before the first NUL, without blanks at the end.
std::string_view trim_padding(std::string_view bytes);

}  // namespace earmark::metadata
