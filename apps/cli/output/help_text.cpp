#include "cli/output/help_text.hpp"

#include <algorithm>

#include "cli/output/text_width.hpp"

namespace earmark::cli {

namespace {

constexpr std::size_t least_description = 36;  // columns; below it descriptions go under the names

/// Where the description begins in a line "  --jobs INT        Threads": after two blanks or more; npos when there is none.
std::size_t description_of(std::string_view line) {
    const std::size_t name = line.find_first_not_of(' ');
    if (name == std::string_view::npos || name < 2) return std::string_view::npos;
    if (name > 8) return name;  // a description alone: the name was too long for its column
    const std::size_t blanks = line.find("  ", name);
    return blanks == std::string_view::npos ? blanks : line.find_first_not_of(' ', blanks);
}

void append(std::string& result, std::string_view text, std::size_t indent, std::size_t width) {
    const std::size_t room = width > indent + 10 ? width - indent : 10;
    for (const std::string& line : wrapped(text, room)) result += std::string(indent, ' ') + line + '\n';
}

}  // namespace

std::string fitted_help(std::string_view text, std::size_t width) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t description = description_of(line);
        if (display_width(line) <= width) {
            result += std::string(line) + '\n';
        } else if (description == std::string_view::npos) {
            append(result, line, 0, width);
        } else if (description + least_description <= width) {
            std::string column;
            append(column, line.substr(description), description, width);
            column.replace(0, description, line.substr(0, description));
            result += column;
        } else {
            const std::string_view name = line.substr(0, description);
            const std::size_t name_end = name.find_last_not_of(' ');
            if (name_end != std::string_view::npos) append(result, name.substr(0, name_end + 1), 0, width);
            append(result, line.substr(description), 8, width);
        }
    }
    return result;
}

}  // namespace earmark::cli
