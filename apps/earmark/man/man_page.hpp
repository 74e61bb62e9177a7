#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/description.hpp"

/// Man pages in roff, made of the description of the commands.
namespace earmark::commands {

/// "earmark-model-calibrate" for the path {"model", "calibrate"}.
std::string page_name(const cli::CommandPath& path);

/// The page of a command, or, with an empty path, of the program; of section 1.
std::string man_page(const cli::CommandPath& path, const CLI::App& command);

/// The page about the settings file, earmark-settings(5), with all tables and keys.
std::string settings_man_page(const CLI::App& program);

/// The same page for people, in lines of at most `width` columns.
std::string settings_help(const CLI::App& program, std::size_t width);

}  // namespace earmark::commands
