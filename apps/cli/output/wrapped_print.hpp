#pragma once

#include <string_view>

namespace earmark::cli {

/// Prints a line on standard output. In a window that is narrower it becomes several, broken between words.
void print_wrapped(std::string_view line);

/// The same on standard error.
void print_wrapped_message(std::string_view line);

}  // namespace earmark::cli
