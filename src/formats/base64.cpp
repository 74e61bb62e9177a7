#include "formats/base64.hpp"

#include <algorithm>

namespace earmark::formats {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < count ? bytes[i + k] : 0U);
        for (std::size_t k = 0; k < 4; ++k) text += k <= count ? alphabet[group >> (18U - 6U * k) & 63U] : '=';
    }
    return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        std::size_t digits = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const std::size_t value = alphabet.find(text[i + k]);
            const bool padding = text[i + k] == '=' && i + 4 == text.size() && k >= 2;
            if (!padding && (value == std::string_view::npos || digits < k)) return std::nullopt;
            digits += padding ? 0 : 1;
            group = group << 6U | static_cast<std::uint32_t>(padding ? 0 : value);
        }
        for (std::size_t k = 0; k + 1 < digits; ++k)
            bytes.push_back(static_cast<std::uint8_t>(group >> (16U - 8U * k)));
    }
    return bytes;
}

}  // namespace earmark::formats
