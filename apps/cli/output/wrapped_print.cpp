#include "cli/output/wrapped_print.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/output/terminal.hpp"
#include "cli/output/text_width.hpp"

namespace earmark::cli {

namespace {

void print(std::FILE* file, std::string_view line, std::optional<std::size_t> width) {
    if (!width || display_width(line) <= *width) {
        fmt::print(file, "{}\n", line);
        return;
    }
    for (const std::string& each : wrapped(line, *width)) fmt::print(file, "{}\n", each);
}

}  // namespace

void print_wrapped(std::string_view line) {
    print(stdout, line, output_width());
}

void print_wrapped_message(std::string_view line) {
    print(stderr, line, ::isatty(STDERR_FILENO) == 1 ? std::optional(message_width()) : std::nullopt);
}

}  // namespace earmark::cli
