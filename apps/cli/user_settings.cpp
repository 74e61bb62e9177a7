#include "cli/user_settings.hpp"

#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/nearest_name.hpp"
#include "base/throw.hpp"
#include "cli/setting_value.hpp"

namespace earmark::cli {

namespace fs = std::filesystem;

namespace {

/// The keys of the top level, which hold for every command.
const std::vector<std::string> shared_keys{"model", "index", "quiet", "genre-separator", "missing-genre"};

/// The one of them that `option` goes by; empty when none.
std::string shared_key(const CLI::Option& option) {
    switch (value_kind(option)) {
        case ValueKind::model:
            return "model";
        case ValueKind::index:
            return "index";
        case ValueKind::none:
            return key_of(option) == "quiet" ? "quiet" : "";
        default:
            return is_genre_setting(key_of(option)) ? key_of(option) : "";
    }
}

/// A variable of the environment; empty when it is not set.
std::string variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value != nullptr ? value : "";
}

/// The names of all variables that begin with `prefix` and are not empty.
std::vector<std::string> variables(std::string_view prefix) {
    std::vector<std::string> names;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view entry = *each;
        const std::size_t sign = entry.find('=');
        if (!entry.starts_with(prefix) || sign == std::string_view::npos || sign + 1 == entry.size()) continue;
        names.emplace_back(entry.substr(0, sign));
    }
    return names;
}

/// The library's own variable for what `option` takes, which settings must not get ahead of.
bool is_named_by_environment(const CLI::Option& option) {
    const ValueKind kind = value_kind(option);
    return (kind == ValueKind::model && !variable("EARMARK_MODEL").empty()) ||
           (kind == ValueKind::index && !variable("EARMARK_INDEX").empty());
}

const formats::TomlValue* find(const formats::TomlValue* table, const std::string& key) {
    if (table == nullptr || key.empty()) return nullptr;
    const auto found = std::ranges::find(table->keys, key);
    return found == table->keys.end() ? nullptr : &table->items[found - table->keys.begin()];
}

std::vector<std::string> settable_keys(CLI::App& command) {
    std::vector<std::string> keys;
    for (const CLI::Option* option : options_of(command)) {
        if (is_settable(*option) && !is_hidden(*option)) keys.push_back(key_of(*option));
    }
    return keys;
}

/// "[scan]" of the path {"scan"}.
std::string table_name(const CommandPath& path) {
    return fmt::format("[{}]", fmt::join(path, "."));
}

/// The text of an error of CLI11 without the option's name before it.
std::string reason_of(const CLI::Error& error, const CLI::Option& option) {
    std::string text = error.what();
    const std::string name = option.get_name() + ": ";
    if (text.starts_with(name)) text.erase(0, name.size());
    return text;
}

bool is_name_character(char character) {
    return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '-' || character == '_';
}

/// Whether `text` names an option: not as a part of a longer name.
bool names(const std::string& text, const std::string& option) {
    for (std::size_t at = text.find(option); at != std::string::npos; at = text.find(option, at + 1)) {
        const std::size_t end = at + option.size();
        if ((at == 0 || !is_name_character(text[at - 1])) && (end == text.size() || !is_name_character(text[end]))) {
            return true;
        }
    }
    return false;
}

}  // namespace

/// Where one is in a settings file.
struct UserSettings::Place {
    std::string file;
    const formats::TomlValue* top = nullptr;
    CommandPath path;

    std::string line(const formats::TomlValue& value) const { return fmt::format("{}:{}", file, value.line); }
    Place below(const std::string& name) const {
        Place result = *this;
        result.path.push_back(name);
        return result;
    }
};

UserSettings::UserSettings(CLI::App& program, std::string command) : program_(program), command_(std::move(command)) {
    const char* description =
        "Settings file; left out: $EARMARK_SETTINGS, else earmark/settings.toml in $XDG_CONFIG_HOME or ~/.config";
    const auto add = [&](CLI::App& app, CLI::callback_t callback) {
        return app.add_option("--settings", std::move(callback), description)
            ->type_name("FILE")
            ->configurable(false)
            ->take_last();
    };
    // The callback of an option of the program itself runs before those of its commands' options.
    add(program_, [this](const CLI::results_t&) {
        take_all();
        return true;
    })->force_callback();
    std::vector<CLI::App*> commands = program_.get_subcommands([](CLI::App*) { return true; });
    while (!commands.empty()) {
        CLI::App* each = commands.back();
        commands.pop_back();
        if (!settable_keys(*each).empty()) add(*each, {});
        for (CLI::App* below : each->get_subcommands([](CLI::App*) { return true; })) commands.push_back(below);
    }
}

std::vector<std::string> UserSettings::origins(const std::string& message) const {
    std::vector<std::string> result;
    for (const auto& [option, where] : origins_) {
        if (names(message, option->get_name()))
            result.push_back(fmt::format("{} is set by {}.", option->get_name(), where));
    }
    return result;
}

CLI::App& UserSettings::innermost() const {
    CLI::App* command = &program_;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    return *command;
}

void UserSettings::take_all() {
    CLI::App& command = innermost();
    CommandPath path;
    if (!command_.empty()) path.push_back(command_);
    for (CLI::App* app = &program_;; app = app->get_subcommands().front()) {
        if (app->get_help_ptr() != nullptr && app->get_help_ptr()->count() > 0) return;  // help is given in any case
        if (app != &program_) path.push_back(app->get_name());
        if (app == &command) break;
    }
    if (settable_keys(command).empty()) return;
    if (const auto file = chosen_file(command)) take_file(*file);
    take_environment(command, path);
}

std::optional<fs::path> UserSettings::chosen_file(const CLI::App& command) const {
    std::string named;
    std::string by = "--settings";
    for (const CLI::App* app : {&command, static_cast<const CLI::App*>(&program_)}) {
        const CLI::Option* option = app->get_option_no_throw("--settings");
        if (named.empty() && option != nullptr && option->count() > 0) named = option->results().back();
    }
    if (named.empty()) {
        named = variable("EARMARK_SETTINGS");
        by = "$EARMARK_SETTINGS";
    }
    std::error_code error;
    if (named.empty()) {
        std::optional<fs::path> usual = default_settings_path();
        if (usual && !fs::exists(*usual, error)) usual.reset();
        return usual;
    }
    if (!fs::exists(named, error)) {
        base::fail(ErrorCode::not_found, "{}: there is no such settings file. Correct {}, or make the file.", named,
                   by);
    }
    return fs::path(named);
}

void UserSettings::take_file(const fs::path& file) {
    Place place{file.string(), nullptr, {}};
    const formats::TomlValue top = read_settings(file);
    place.top = &top;
    check_top(place, top);
    if (!command_.empty()) {
        take_table(program_, find(&top, command_), place.below(command_));
        return;
    }
    for (CLI::App* command : program_.get_subcommands([](CLI::App*) { return true; })) {
        const formats::TomlValue* table = find(&top, command->get_name());
        if (table != nullptr && table->kind != formats::TomlValue::Kind::table) table = nullptr;  // a shared key, model
        take_table(*command, table, place.below(command->get_name()));
    }
}

void UserSettings::check_top(const Place& place, const formats::TomlValue& top) const {
    const std::vector<std::string> commands = command_names(program_);
    for (std::size_t i = 0; i < top.keys.size(); ++i) {
        const std::string& key = top.keys[i];
        const formats::TomlValue& value = top.items[i];
        const bool is_table = value.kind == formats::TomlValue::Kind::table;
        const bool is_command = std::ranges::find(commands, key) != commands.end();
        if (is_command && is_table) continue;
        if (!command_.empty() && is_table) continue;  // of other programs, which know what they may have
        if (std::ranges::find(shared_keys, key) != shared_keys.end() && !is_table) {
            check_shared(key, value, place.line(value));
            continue;
        }
        if (is_table) {
            base::fail(ErrorCode::bad_option, "{}: [{}]: there is no such command.{} `earmark --help` lists them.",
                       place.line(value), key, base::suggestion(fmt::format("[{}]", key), [&] {
                           std::vector<std::string> tables;
                           for (const std::string& name : commands) tables.push_back(fmt::format("[{}]", name));
                           return tables;
                       }()));
        }
        if (is_command) {
            base::fail(ErrorCode::bad_option, "{}: \"{}\" must be a table of the command's options, [{}].",
                       place.line(value), key, key);
        }
        std::vector<std::string> owners;
        for (CLI::App* command : program_.get_subcommands([](CLI::App*) { return true; })) {
            const std::vector<std::string> keys = settable_keys(*command);
            if (std::ranges::find(keys, key) != keys.end()) owners.push_back(table_name({command->get_name()}));
        }
        if (!owners.empty()) {
            base::fail(ErrorCode::bad_option,
                       "{}: \"{}\" does not hold for all commands. Put it into the table of one that has it: {}.",
                       place.line(value), key, fmt::join(owners, ", "));
        }
        base::fail(ErrorCode::bad_option, "{}: unknown key \"{}\".{} Outside of tables there may be: {}.",
                   place.line(value), key, base::suggestion(key, shared_keys), fmt::join(shared_keys, ", "));
    }
}

void UserSettings::check_keys(CLI::App& command, const formats::TomlValue& table, const Place& place) const {
    const std::string name = table_name(place.path);
    std::vector<std::string> known = settable_keys(command);
    const std::vector<std::string> commands = command_names(command);
    for (std::size_t i = 0; i < table.keys.size(); ++i) {
        const std::string& key = table.keys[i];
        const std::string line = place.line(table.items[i]);
        const bool old_spelling = std::ranges::any_of(options_of(command), [&](const CLI::Option* option) {
            return is_hidden(*option) && is_settable(*option) && key_of(*option) == key;
        });
        if (old_spelling || std::ranges::find(known, key) != known.end()) continue;
        if (std::ranges::find(commands, key) != commands.end()) {
            if (table.items[i].kind == formats::TomlValue::Kind::table) continue;
            base::fail(ErrorCode::bad_option, "{}: \"{}\" in {} must be a table of the command's options.", line, key,
                       name);
        }
        for (const CLI::Option* option : options_of(command)) {
            if (key_of(*option) != key) continue;
            base::fail(ErrorCode::bad_option,
                       "{}: \"{}\" in {} cannot be set: it says what to do now, not how. Give {} on the command line.",
                       line, key, name, is_hidden(*option) ? "--" + key : option->get_name());
        }
        std::vector<std::string> names = known;
        names.insert(names.end(), commands.begin(), commands.end());
        if (names.empty()) base::fail(ErrorCode::bad_option, "{}: {} has no settings. Take it out.", line, name);
        base::fail(ErrorCode::bad_option, "{}: unknown key \"{}\" in {}.{} It may have: {}.", line, key, name,
                   base::suggestion(key, names), fmt::join(names, ", "));
    }
}

void UserSettings::take_table(CLI::App& command, const formats::TomlValue* table, const Place& place) {
    if (table != nullptr) {
        if (table->kind != formats::TomlValue::Kind::table) {
            base::fail(ErrorCode::bad_option, "{}: \"{}\" must be a table of the command's options.",
                       place.line(*table), place.path.back());
        }
        check_keys(command, *table, place);
    }
    for (CLI::Option* option : options_of(command)) {
        if (!is_settable(*option)) continue;
        const std::string key = key_of(*option);
        const formats::TomlValue* value = find(table, key);
        std::string what = fmt::format("\"{}\" in {}", key, table_name(place.path));
        if (value == nullptr) {
            const std::string shared = shared_key(*option);
            value = find(place.top, shared);
            if (value == nullptr || value->kind == formats::TomlValue::Kind::table) continue;
            what = fmt::format("\"{}\"", shared);
        }
        const std::string where = place.line(*value);
        const std::vector<std::string> words = words_of(*value, *option, fmt::format("{}: {}", where, what));
        if (words.empty() || is_named_by_environment(*option)) continue;
        try {
            take(*option, words, where);
        } catch (const CLI::Error& error) {
            base::fail(ErrorCode::bad_option, "{}: {}: {}.", where, what, reason_of(error, *option));
        }
    }
    for (CLI::App* below : command.get_subcommands([](CLI::App*) { return true; })) {
        take_table(*below, find(table, below->get_name()), place.below(below->get_name()));
    }
}

void UserSettings::take_environment(CLI::App& command, const CommandPath& path) {
    std::vector<std::string> unknown = variables(variable_of(path, ""));
    if (unknown.empty()) return;
    std::vector<std::string> known;
    for (CLI::Option* option : options_of(command)) {
        const std::string name = variable_of(path, key_of(*option));
        if (is_settable(*option)) known.push_back(name);
        if (std::erase(unknown, name) == 0) continue;
        if (!is_settable(*option)) {
            base::fail(
                ErrorCode::bad_option,
                "${}: {} cannot be set by the environment: it says what to do now, not how. Give it on the command "
                "line.",
                name, option->get_name());
        }
        try {
            take(*option, words_of_variable(variable(name), *option, name), "$" + name);
        } catch (const CLI::Error& error) {
            base::fail(ErrorCode::bad_option, "${}: {}.", name, reason_of(error, *option));
        }
    }
    for (const std::string& name : command_names(command)) {
        const std::string prefix = variable_of(path, name) + "_";
        std::erase_if(unknown, [&](const std::string& each) { return each.starts_with(prefix); });
    }
    if (unknown.empty()) return;
    base::fail(ErrorCode::bad_option, "${}: `earmark {}` has no such option.{} Unset it, or correct its name.",
               unknown.front(), fmt::join(path, " "), base::suggestion(unknown.front(), known));
}

void UserSettings::take(CLI::Option& option, const std::vector<std::string>& words, const std::string& where) {
    const bool on_command_line = option.count() > 0 && origins_.count(&option) == 0;
    const std::vector<std::string> given = option.results();
    // A value is as it stands: not a list for CLI11 to take apart.
    const bool extra = option.get_allow_extra_args();
    option.allow_extra_args(false);
    const auto set = [&](const std::vector<std::string>& values) {
        option.clear();
        for (const std::string& value : values) option.add_result(value);
    };
    set(words);
    try {
        option.run_callback();
    } catch (...) {
        option.allow_extra_args(extra);
        throw;
    }
    if (on_command_line) {
        set(given);  // its callback is still to run
    } else if (value_kind(option) == ValueKind::none && words.front() == "false") {
        option.clear();  // as if it had not been given
        origins_.erase(&option);
    } else {
        origins_[&option] = where;
    }
    option.allow_extra_args(extra);
}

std::optional<fs::path> default_settings_path() {
    fs::path folder = variable("XDG_CONFIG_HOME");
    if (!folder.is_absolute()) {  // others are to be ignored (XDG Base Directory Specification)
        const fs::path home = variable("HOME");
        if (!home.is_absolute()) return std::nullopt;
        folder = home / ".config";
    }
    return folder / "earmark" / "settings.toml";
}

}  // namespace earmark::cli
