#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/field_names.hpp"
#include "cli/output/wrapped_print.hpp"
#include "earmark/error.hpp"

/// Messages to people, on standard error.
namespace earmark::cli {

/// Text fit for a line of a terminal: control characters, which a file name may hold, stand as \n or \x1b.
inline std::string printable(std::string_view text) {
    std::string result;
    for (char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '\n') {
            result += "\\n";
        } else if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\x{:02x}", byte);
        } else {
            result += character;
        }
    }
    return result;
}

inline void report(std::string_view message) {
    print_wrapped_message(fmt::format("earmark: {}", printable(message)));
}

/// An error of the library, with the options of the command line in place of the fields that it names.
inline void report(const Error& error) {
    report(with_options(error.what()));
}

/// A summary or a remark after the results: no message of something wrong.
inline void note(std::string_view text) {
    print_wrapped_message(printable(text));
}

inline void warn(const std::filesystem::path& file, const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) report(fmt::format("{}: warning: {}", file.string(), warning));
}

}  // namespace earmark::cli
