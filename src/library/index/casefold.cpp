#include "library/index/casefold.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace earmark::library {

namespace {

constexpr std::size_t longest_decomposition = 32;  // characters; Unicode 15 has none beyond 18

void append_casefold(std::string& text, utf8proc_int32_t character) {
    constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                            UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    std::array<utf8proc_int32_t, longest_decomposition> parts{};
    const utf8proc_ssize_t count =
        ::utf8proc_decompose_char(character, parts.data(), longest_decomposition, options, nullptr);
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
        std::array<utf8proc_uint8_t, 4> bytes{};
        const utf8proc_ssize_t size = ::utf8proc_encode_char(parts[i], bytes.data());
        text.append(bytes.begin(), bytes.begin() + size);
    }
}

}  // namespace

std::string casefold(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t character = 0;
        const utf8proc_ssize_t size = ::utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                         static_cast<utf8proc_ssize_t>(text.size()), &character);
        if (size > 0) {
            append_casefold(result, character);
        } else {
            result += text.front();
        }
        text.remove_prefix(std::max<utf8proc_ssize_t>(size, 1));
    }
    return result;
}

}  // namespace earmark::library
