#include "cli/output/text_width.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

namespace earmark::cli {

namespace {

constexpr std::string_view ellipsis = "…";

/// A grapheme cluster: what a terminal shows as one character.
struct Cluster {
    std::string_view text;
    std::size_t width = 0;
};

const auto* bytes(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

/// Bytes of the first character, which is `character`; one that is no UTF-8 is U+FFFD.
std::size_t decode(std::string_view text, utf8proc_int32_t& character) {
    const utf8proc_ssize_t size = utf8proc_iterate(bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (size > 0) return static_cast<std::size_t>(size);
    character = 0xfffd;
    return 1;
}

std::vector<Cluster> clusters(std::string_view text) {
    constexpr utf8proc_int32_t emoji_style = 0xfe0f;  // the character before it is drawn as a picture, two columns wide
    std::vector<Cluster> result;
    utf8proc_int32_t last = 0;
    utf8proc_int32_t state = 0;
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t character = 0;
        const std::size_t size = decode(text.substr(at), character);
        std::size_t width = static_cast<std::size_t>(std::max(0, utf8proc_charwidth(character)));
        if (character == emoji_style) width = 2;
        if (at == 0 || utf8proc_grapheme_break_stateful(last, character, &state)) {
            result.push_back({text.substr(at, size), character == emoji_style ? 0 : width});
        } else {
            Cluster& cluster = result.back();
            cluster.text = {cluster.text.data(), cluster.text.size() + size};
            cluster.width = std::max(cluster.width, width);
        }
        last = character;
        at += size;
    }
    return result;
}

std::size_t total_width(const std::vector<Cluster>& parts) {
    std::size_t width = 0;
    for (const Cluster& part : parts) width += part.width;
    return width;
}

/// The beginning of the text that takes at most `width` columns.
std::string_view front_of(std::string_view text, std::size_t width) {
    std::size_t size = 0;
    for (const Cluster& part : clusters(text)) {
        if (part.width > width) break;
        width -= part.width;
        size += part.text.size();
    }
    return text.substr(0, size);
}

std::string_view back_of(std::string_view text, std::size_t width) {
    const std::vector<Cluster> parts = clusters(text);
    std::size_t size = 0;
    for (auto part = parts.rbegin(); part != parts.rend() && part->width <= width; ++part) {
        width -= part->width;
        size += part->text.size();
    }
    return text.substr(text.size() - size);
}

/// Marks that turn the direction of writing for what follows, other columns included.
bool turns_direction(utf8proc_int32_t character) {
    return (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069) ||
           character == 0x200e || character == 0x200f;
}

}  // namespace

std::string cell_text(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t character = 0;
        const std::string_view rest = text.substr(at);
        const std::size_t size = decode(rest, character);
        at += size;
        const bool broken = character == 0xfffd && size == 1;
        if (character == '\n') {
            result += "\\n";
        } else if (broken || character < 0x20 || (character >= 0x7f && character < 0xa0)) {
            for (const char byte : rest.substr(0, size))
                result += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
        } else if (turns_direction(character)) {
            result += fmt::format("\\u{:04x}", character);
        } else {
            result += rest.substr(0, size);
        }
    }
    return result;
}

std::size_t display_width(std::string_view text) {
    return total_width(clusters(text));
}

std::string padded(std::string_view text, std::size_t width, bool right_aligned) {
    const std::size_t own = display_width(text);
    const std::string blanks(width > own ? width - own : 0, ' ');
    return right_aligned ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return "";
    std::string_view front = front_of(text, width - 1);
    const std::size_t blank = front.rfind(' ');
    const bool in_word = front.size() < text.size() && text[front.size()] != ' ';
    if (in_word && blank != std::string_view::npos && blank > front.size() / 2) front = front.substr(0, blank);
    while (front.ends_with(' ')) front.remove_suffix(1);
    return std::string(front) + std::string(ellipsis);
}

std::string shortened_path(std::string_view path, std::size_t width) {
    if (display_width(path) <= width) return std::string(path);
    if (width == 0) return "";
    for (std::size_t slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
        const std::string_view rest = path.substr(slash);
        if (rest.size() > 1 && display_width(rest) < width) return std::string(ellipsis) + std::string(rest);
    }
    const std::string_view name = path.substr(path.find_last_of('/') + 1);
    if (display_width(name) <= width) return std::string(name);
    const std::size_t back = (width - 1) / 2;
    return std::string(front_of(name, width - 1 - back)) + std::string(ellipsis) + std::string(back_of(name, back));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        std::string current(line.substr(0, indent));
        std::size_t taken = indent;
        bool empty = true;
        for (std::size_t at = indent; at < line.size();) {
            const std::size_t word_end = std::min(line.find(' ', at), line.size());
            const std::string_view word = line.substr(at, word_end - at);
            at = word_end + 1;
            const std::size_t word_width = display_width(word);
            if (!empty && taken + 1 + word_width > width) {
                lines.push_back(std::move(current));
                current = std::string(indent, ' ');
                taken = indent;
                empty = true;
            }
            if (!empty) {
                current += ' ';
                ++taken;
            }
            current += word;
            taken += word_width;
            empty = false;
        }
        lines.push_back(std::move(current));
    }
    return lines;
}

}  // namespace earmark::cli
