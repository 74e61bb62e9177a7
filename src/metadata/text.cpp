#include "metadata/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

void append_utf8(std::string& text, std::uint32_t character) {
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xC0 | character >> 6);
        put(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        put(0xE0 | character >> 12);
        put(0x80 | (character >> 6 & 0x3F));
        put(0x80 | (character & 0x3F));
    } else {
        put(0xF0 | character >> 18);
        put(0x80 | (character >> 12 & 0x3F));
        put(0x80 | (character >> 6 & 0x3F));
        put(0x80 | (character & 0x3F));
    }
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_ascii(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char c) { return (c & 0x80) == 0; });
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = base::character_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string latin1_to_utf8(std::string_view bytes) {
    // Of 0x80 to 0x9F; what Windows-1252 leaves free is what Latin-1 has there.
    static constexpr std::array<std::uint32_t, 32> windows = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    std::string text;
    for (const char c : bytes) {
        const std::uint32_t byte = static_cast<unsigned char>(c);
        append_utf8(text, byte >= 0x80 && byte < 0xA0 ? windows[byte - 0x80] : byte);
    }
    return text;
}

std::string utf16_to_utf8(std::string_view bytes, bool big) {
    if (bytes.starts_with("\xFF\xFE")) {
        big = false;
        bytes.remove_prefix(2);
    } else if (bytes.starts_with("\xFE\xFF")) {
        big = true;
        bytes.remove_prefix(2);
    } else {
        std::size_t high = 0;  // zeros where the high byte of a Latin letter stands, in either order
        std::size_t low = 0;
        for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
            high += bytes[i] == '\0' && bytes[i + 1] != '\0' ? 1 : 0;
            low += bytes[i] != '\0' && bytes[i + 1] == '\0' ? 1 : 0;
        }
        if (high != low) big = high > low;
    }
    const auto unit = [&](std::size_t at) {
        return static_cast<std::uint32_t>(big ? big_endian(bytes, at, 2) : little_endian(bytes, at, 2));
    };
    constexpr std::uint32_t replacement = 0xFFFD;
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        std::uint32_t character = unit(i);
        if (character >= 0xD800 && character < 0xDC00 && i + 3 < bytes.size()) {
            const std::uint32_t second = unit(i + 2);
            if (second >= 0xDC00 && second < 0xE000) {
                character = 0x10000 + ((character - 0xD800) << 10) + (second - 0xDC00);
                i += 2;
            }
        }
        append_utf8(text, character >= 0xD800 && character < 0xE000 ? replacement : character);
    }
    return text;
}

std::string utf8_to_utf16(std::string_view text) {
    std::string units;
    while (!text.empty()) {
        const std::size_t length = base::character_length(text);
        std::uint32_t character = 0xFFFD;
        const auto byte = [&](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
        };
        if (length == 1) character = byte(0);
        if (length == 2) character = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        if (length == 3) character = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        if (length == 4) {
            character = (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
        }
        if (character >= 0x10000) {
            units += to_little_endian(0xD800 + ((character - 0x10000) >> 10), 2);
            units += to_little_endian(0xDC00 + ((character - 0x10000) & 0x3FF), 2);
        } else {
            units += to_little_endian(character, 2);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return units;
}

std::string guess_to_utf8(std::string_view bytes) {
    return is_utf8(bytes) ? std::string(bytes) : latin1_to_utf8(bytes);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string join_with_nul(const std::vector<std::string>& values) {
    std::string joined;
    for (std::size_t i = 0; i < values.size(); ++i) joined.append(i == 0 ? 0 : 1, '\0').append(values[i]);
    return joined;
}

std::string_view trim_padding(std::string_view bytes) {
    bytes = bytes.substr(0, bytes.find('\0'));
    const std::size_t last = bytes.find_last_not_of(' ');
    return bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace earmark::metadata
