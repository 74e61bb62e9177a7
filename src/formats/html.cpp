#include "formats/html.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace earmark::formats {

std::string escaped(std::string_view text) {
    std::string result;
    for (const char byte : base::xml_escaped(base::printable(text))) {
        if (byte == '"') {
            result += "&quot;";
        } else if (byte == '\'') {
            result += "&#39;";
        } else {
            result += byte;
        }
    }
    return result;
}

std::string slug(std::string_view text) {
    std::string result;
    for (const char byte : text) {
        if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) {
            result += byte;
        } else if (byte >= 'A' && byte <= 'Z') {
            result += static_cast<char>(byte - 'A' + 'a');
        } else if (!result.empty() && result.back() != '-') {
            result += '-';
        }
    }
    while (result.ends_with('-')) result.pop_back();
    return result.empty() ? "x" : result;
}

std::string paragraphs(std::string_view text) {
    std::string result;
    std::string paragraph;
    const auto flush = [&] {
        if (!paragraph.empty()) result += "<p>" + escaped(paragraph) + "</p>\n";
        paragraph.clear();
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            flush();
        } else {
            if (!paragraph.empty()) paragraph += ' ';
            paragraph += line;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    flush();
    return result;
}

}  // namespace earmark::formats
