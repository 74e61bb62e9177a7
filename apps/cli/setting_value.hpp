#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "formats/toml_file.hpp"

/// Values of settings and of variables of the environment, as the words that a command line would have.
namespace earmark::cli {

/// Reads a settings file. @throws Error as read_toml
formats::TomlValue read_settings(const std::filesystem::path& file);

/// The words that set `option` to `value`; none for an empty list. A path that begins with ~/ is in the home folder.
/// @param what  the value for messages: "settings.toml:3: "jobs" in [scan]"
/// @throws Error bad_option for a value of another type
std::vector<std::string> words_of(const formats::TomlValue& value, const CLI::Option& option, const std::string& what);

/// Whether a key says how the genres of tags are read, which holds for every command that reads some.
bool is_genre_setting(const std::string& key);

/// Checks the type of a value that holds for every command: a path or name, true or false for quiet, a text or several
/// for a genre setting.
/// @throws Error bad_option
void check_shared(const std::string& key, const formats::TomlValue& value, const std::string& line);

/// The words that set `option` to what a variable holds: for an option that takes several, one a line.
/// @param name  the variable's, for messages
/// @throws Error bad_option for a flag that is neither true nor false
std::vector<std::string> words_of_variable(const std::string& text, const CLI::Option& option, const std::string& name);

}  // namespace earmark::cli
