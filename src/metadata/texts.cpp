#include <fmt/format.h>

#include <algorithm>

#include "metadata/id3v1_genres.hpp"
#include "metadata/metadata.hpp"
#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

/// ID3v2's encodings: 0 Latin-1, 1 UTF-16 with a mark, 2 UTF-16, 3 UTF-8. Of Latin-1 and UTF-8 many wrote the other under
/// the one's number; text that is UTF-8 beyond ASCII is nothing else.
std::string decoded(std::string_view bytes, unsigned encoding) {
    if (encoding == 1 || encoding == 2) return utf16_to_utf8(bytes, encoding == 2);
    return guess_to_utf8(bytes);
}

/// Takes what stands before the first NUL, and the NUL.
std::string_view take_text(std::string_view& bytes, unsigned encoding) {
    const std::size_t width = encoding == 1 || encoding == 2 ? 2 : 1;
    std::size_t end = 0;
    while (end + width <= bytes.size() && (bytes[end] != '\0' || (width == 2 && bytes[end + 1] != '\0'))) end += width;
    end = std::min(end, bytes.size());
    const std::string_view text = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + width, bytes.size()));
    return text;
}

std::vector<std::string> texts_of_frame(const Item& item) {
    const std::string name = item.key.substr(0, item.key.find(':'));
    std::string_view bytes = item.value;
    if (bytes.empty()) return {};
    if (name.starts_with('W') && !name.starts_with("WX")) return {latin1_to_utf8(trim_padding(bytes))};
    const auto encoding = static_cast<unsigned>(static_cast<unsigned char>(bytes[0]));
    bytes.remove_prefix(1);
    if (encoding > 3) return {};
    if (name.starts_with("WX")) {
        take_text(bytes, encoding);
        return {latin1_to_utf8(trim_padding(bytes))};
    }
    const bool comment = name == "COMM" || name == "COM" || name == "USLT" || name == "ULT";
    if (comment) bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()));
    if (comment || name == "TXXX" || name == "TXX") {
        take_text(bytes, encoding);
    } else if (!name.starts_with('T')) {
        return {};
    }
    std::vector<std::string> texts;
    while (!bytes.empty()) {
        std::string text = decoded(take_text(bytes, encoding), encoding);
        if (!text.empty()) texts.push_back(std::move(text));
    }
    return texts;
}

std::vector<std::string> texts_of_atom(const Item& item) {
    const std::string_view value = item.value;
    const unsigned type = item.type & 0xFFFFFF;
    constexpr unsigned utf8 = 1;
    constexpr unsigned utf16 = 2;
    constexpr unsigned integer = 21;
    if (type == utf8) return split(guess_to_utf8(value));
    if (type == utf16) return split(utf16_to_utf8(value, true));
    if (item.key == "gnre") {
        const std::uint64_t number = big_endian(value, 0, 2);
        const std::string name = number > 0 ? genre_of_number(static_cast<std::size_t>(number - 1)) : std::string();
        return name.empty() ? std::vector<std::string>() : std::vector<std::string>{name};
    }
    if (item.key == "trkn" || item.key == "disk") {
        const std::uint64_t total = big_endian(value, 4, 2);
        const std::string first = std::to_string(big_endian(value, 2, 2));
        return {total > 0 ? fmt::format("{}/{}", first, total) : first};
    }
    if (type == integer && !value.empty() && value.size() <= 8) {
        return {std::to_string(big_endian(value, 0, value.size()))};
    }
    return {};
}

std::vector<std::string> texts_of_attribute(const Item& item) {
    constexpr unsigned bytes = 1;
    constexpr unsigned guid = 6;
    const unsigned type = item.type & 0xFF;
    if (type == 0) return split(utf16_to_utf8(item.value));
    if (type == bytes || type == guid) return {};
    return {std::to_string(little_endian(item.value, 0, std::min<std::size_t>(item.value.size(), 8)))};
}

std::vector<std::string> one(std::string text) {
    if (text.empty()) return {};
    return {std::move(text)};
}

}  // namespace

std::vector<std::string> texts_of(const Item& item) {
    switch (item.system) {
        case System::id3v1:
            if (item.key == "genre" && item.size == 1) return one(genre_of_number(big_endian(item.value, 0, 1)));
            if (item.key == "track") return {std::to_string(big_endian(item.value, 0, 1))};
            if (item.key == "speed") return {};
            return one(guess_to_utf8(trim_padding(item.value)));
        case System::id3v2:
            return texts_of_frame(item);
        case System::ape:
            return (item.type >> 1 & 3) == 1 ? std::vector<std::string>() : split(guess_to_utf8(item.value));
        case System::vorbis:
            return one(guess_to_utf8(item.value));
        case System::mp4:
            return texts_of_atom(item);
        case System::riff_info:
        case System::aiff:
            return one(guess_to_utf8(trim_padding(item.value)));
        case System::asf:
            return texts_of_attribute(item);
        default:
            return {};
    }
}

}  // namespace earmark::metadata
