#include "base/text.hpp"

namespace earmark::base {

namespace {

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Control characters (C0, DEL, C1), the line and paragraph separators, and the two that XML forbids.
bool is_control(std::string_view character) {
    const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(character[i]); };
    switch (character.size()) {
        case 1:
            return byte(0) < 0x20 || byte(0) == 0x7F;
        case 2:
            return byte(0) == 0xC2 && byte(1) < 0xA0;
        case 3:
            return character == "\u2028" || character == "\u2029" || character == "\uFFFE" || character == "\uFFFF";
        default:
            return false;
    }
}

}  // namespace

std::size_t character_length(std::string_view text) noexcept {
    // By table 3-7 of Unicode 15.
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    };
    const auto within = [&](std::size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
    const auto rest = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            if (!within(i, 0x80, 0xBF)) return false;
        }
        return true;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return rest(1, 2) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
        return within(1, low, high) && rest(2, 3) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return within(1, low, high) && rest(2, 4) ? 4 : 0;
    }
    return 0;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0) {
            result += "\uFFFD";
            text.remove_prefix(1);
        } else {
            const std::string_view character = text.substr(0, length);
            if (is_control(character)) {
                result += ' ';
            } else {
                result += character;
            }
            text.remove_prefix(length);
        }
    }
    return result;
}

std::string xml_escaped(std::string_view text) {
    std::string result;
    for (const char byte : text) {
        switch (byte) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            default:
                result += byte;
        }
    }
    return result;
}

std::size_t previous_character(std::string_view text, std::size_t offset) noexcept {
    do {
        --offset;
    } while (offset > 0 && is_continuation(text[offset]));
    return offset;
}

}  // namespace earmark::base
