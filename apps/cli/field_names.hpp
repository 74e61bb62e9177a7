#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

/// Errors of the library name the field that is wrong, "`mask_bands` is -1"; people at a terminal gave an option.
namespace earmark::cli {

/// Takes note of the options of a program and of the command that was chosen, for `with_options`. Call it once the
/// command line is parsed.
void note_options(const CLI::App& program);

/// A message of the library with the options in place of the fields: "--mask-bands is -1". An option that only another
/// command has is said to be of that one. A name between backquotes that belongs to no option stays as it is.
std::string with_options(std::string_view message);

}  // namespace earmark::cli
