#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

/// What the description of a command (its CLI11 objects) says, for all that is made of it besides parsing: settings,
/// variables of the environment, man pages, completions.
namespace earmark::cli {

/// What the value of an option is. An option says it by the name of its type, which help shows: FILE (an input or
/// output), FOLDER, MODEL (a model file or the name of one that ships), INDEX (of a music library), GENRE, ARTIST, WORDS (that
/// occur in tags), COMMAND, or any other name for a text. Positional arguments are files unless they say otherwise.
enum class ValueKind {
    none,
    number,
    choice,
    file,
    folder,
    model,
    index,
    genre,
    artist,
    tag,
    label,
    mood,
    command,
    text
};

ValueKind value_kind(const CLI::Option& option);

/// What `earmark completions --list` calls the names that the option may have, "genres"; empty where it knows none.
std::string list_of(const CLI::Option& option);

/// Whether the option takes a whole number (true for INT and UINT).
bool is_whole_number(const CLI::Option& option);

/// Whether it takes none below 0 (true for UINT).
bool is_unsigned(const CLI::Option& option);

/// Whether a word may stand in place of the number: "FLOAT|none".
bool may_be_word(const CLI::Option& option);

/// Whether the option takes several values.
bool takes_several(const CLI::Option& option);

/// The values that the option may have, when it is one of a set.
std::vector<std::string> choices_of(const CLI::Option& option);

/// The smallest and largest value, "0 to 1024", when it has a range.
std::string range_of(const CLI::Option& option);

/// What its value is called: "FILE", "table|json"; empty for a flag.
std::string value_name(const CLI::Option& option);

/// Its name in settings: "jobs" of --jobs, "file" of the positional FILE, "folders" of FOLDER where several may be
/// given.
std::string key_of(const CLI::Option& option);

/// Whether settings and environment may set it; what does something, rather than say how, is for the command line only.
bool is_settable(const CLI::Option& option);

using CommandPath = std::vector<std::string>;  ///< {"model", "calibrate"}; empty: the program itself

/// The command with this path ("model", "calibrate") below `program`; nullptr when there is none.
CLI::App* find_command(CLI::App& program, const CommandPath& path);

/// Whether help does not show an option: an earlier spelling of another, which still works.
bool is_hidden(const CLI::Option& option);

/// The options, the positional ones first.
std::vector<CLI::Option*> options_of(CLI::App& command);
/// Those that are not hidden.
std::vector<const CLI::Option*> options_of(const CLI::App& command);

/// The names of an app's sub-commands.
std::vector<std::string> command_names(const CLI::App& app);

/// The sub-commands that have sub-commands themselves.
std::vector<const CLI::App*> parents(const CLI::App& app);

/// Calls `visit` with each command below `app`, and theirs, a command before its sub-commands.
void visit_commands(const CLI::App& app, const std::function<void(const CommandPath&, const CLI::App&)>& visit,
                    const CommandPath& path = {});

/// "EARMARK_MODEL_CALIBRATE_DATA" for the path {"model", "calibrate"} and the key "data".
std::string variable_of(const CommandPath& path, const std::string& key);

}  // namespace earmark::cli
