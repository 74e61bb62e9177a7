#include "core/text.hpp"

#include <locale.h>
#include <clocale>
#include <cwctype>

namespace earmark {

namespace {

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Bytes of the valid character at the start of `text`, by Unicode 15 table 3-7; 0 when it is not valid.
std::size_t valid_length(std::string_view text) {
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

/// The code point of a valid character.
char32_t decoded(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return first;
    char32_t point = first & (0xFFU >> (character.size() + 1));
    for (const char byte : character.substr(1)) point = point << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
    return point;
}

void append_encoded(std::string& text, char32_t point) {
    if (point < 0x80) {
        text += static_cast<char>(point);
        return;
    }
    const int rest = point < 0x800 ? 1 : (point < 0x10000 ? 2 : 3);
    const unsigned mark = rest == 1 ? 0xC0 : (rest == 2 ? 0xE0 : 0xF0);
    text += static_cast<char>(mark | point >> (6U * rest));
    for (int i = rest - 1; i >= 0; --i) text += static_cast<char>(0x80U | (point >> (6U * i) & 0x3FU));
}

/// A locale that knows the letters of Unicode, whatever the user's is; null where the system has none.
locale_t unicode_locale() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

char32_t folded(char32_t point) {
    const locale_t locale = unicode_locale();
    if (point < 0x80 || locale == nullptr) return point >= U'A' && point <= U'Z' ? point - U'A' + U'a' : point;
    // By way of upper case, since some letters have two lower ones.
    const std::wint_t upper = ::towupper_l(static_cast<std::wint_t>(point), locale);
    return static_cast<char32_t>(::towlower_l(upper, locale));
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = valid_length(text);
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

std::string case_folded(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = valid_length(text);
        if (length == 0) {
            result += text.front();
        } else {
            append_encoded(result, folded(decoded(text.substr(0, length))));
        }
        text.remove_prefix(length == 0 ? 1 : length);
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

}  // namespace earmark
