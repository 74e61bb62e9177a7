#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/description.hpp"
#include "formats/toml_file.hpp"

namespace earmark::cli {

/// What the user has set for options outside of the command line: in a settings file (TOML) and in the environment. The
/// command line comes first, then the environment, then the file, then what is built in; a value of one takes the place
/// of the next one's, lists included. See docs/guide/settings.md.
///
/// The values are taken between parsing and the check for what is required, so that they count as given. All values are
/// checked, those that others take the place of included. What is wrong is an Error that names file and line, or the
/// variable, and comes out of CLI::App::parse.
class UserSettings {
  public:
    /// Adds --settings to `program` and to its commands, and takes what is set when `program` parses. Call it when all
    /// commands are there, and before any option is added to `program` itself.
    /// @param command  the command that `program` is when it is one by itself ("train"); empty: its sub-commands are
    explicit UserSettings(CLI::App& program, std::string command = "");
    UserSettings(const UserSettings&) = delete;
    UserSettings& operator=(const UserSettings&) = delete;

    /// Where the options that `message` names were set, a sentence each; for messages about options that do not go
    /// together.
    std::vector<std::string> origins(const std::string& message) const;

  private:
    struct Place;

    CLI::App& innermost() const;
    std::optional<std::filesystem::path> chosen_file(const CLI::App& command) const;
    void take_all();
    void take_file(const std::filesystem::path& file);
    void check_top(const Place& place, const formats::TomlValue& top) const;
    void take_table(CLI::App& command, const formats::TomlValue* table, const Place& place);
    void check_keys(CLI::App& command, const formats::TomlValue& table, const Place& place) const;
    void take_environment(CLI::App& command, const CommandPath& path);
    void take(CLI::Option& option, const std::vector<std::string>& words, const std::string& where);

    CLI::App& program_;
    std::string command_;
    std::map<const CLI::Option*, std::string> origins_;  ///< of values that are not the command line's
};

/// Where settings are looked for when no file is named: earmark/settings.toml in $XDG_CONFIG_HOME, else in ~/.config;
/// nothing without a home folder.
std::optional<std::filesystem::path> default_settings_path();

}  // namespace earmark::cli
