#include "cli/description.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace earmark::cli {

namespace {

/// What stands before the descriptions of checks: "TEXT" of "TEXT:{table,json}".
std::string type_of(const CLI::Option& option) {
    const std::string name = option.get_type_name();
    return name.substr(0, name.find(':'));
}

}  // namespace

ValueKind value_kind(const CLI::Option& option) {
    if (option.get_expected_max() == 0) return ValueKind::none;
    if (!choices_of(option).empty()) return ValueKind::choice;
    const std::string type = type_of(option);
    if (is_whole_number(option) || type.starts_with("FLOAT")) return ValueKind::number;
    if (type == "FILE") return ValueKind::file;
    if (type == "FOLDER") return ValueKind::folder;
    if (type == "MODEL") return ValueKind::model;
    if (type == "INDEX") return ValueKind::index;
    if (type == "GENRE") return ValueKind::genre;
    if (type == "ARTIST") return ValueKind::artist;
    if (type == "WORDS") return ValueKind::tag;
    if (type == "TAG") return ValueKind::label;
    if (type == "MOOD") return ValueKind::mood;
    if (type == "COMMAND") return ValueKind::command;
    return option.get_positional() ? ValueKind::file : ValueKind::text;
}

std::string list_of(const CLI::Option& option) {
    switch (value_kind(option)) {
        case ValueKind::genre:
            return "genres";
        case ValueKind::artist:
            return "artists";
        case ValueKind::tag:
            return "tags";
        case ValueKind::label:
            return "labels";
        case ValueKind::mood:
            return "moods";
        case ValueKind::model:
            return "models";
        default:
            return "";
    }
}

bool is_whole_number(const CLI::Option& option) {
    const std::string type = type_of(option);
    return type == "INT" || type == "UINT";
}

bool is_unsigned(const CLI::Option& option) {
    return type_of(option) == "UINT";
}

bool may_be_word(const CLI::Option& option) {
    return type_of(option).find('|') != std::string::npos;
}

bool takes_several(const CLI::Option& option) {
    return option.get_expected_max() > 1;
}

std::vector<std::string> choices_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find(":{");
    if (begin == std::string::npos) return {};
    std::istringstream words(type.substr(begin + 2, type.find('}', begin) - begin - 2));
    std::vector<std::string> result;
    for (std::string word; std::getline(words, word, ',');) result.push_back(word);
    return result;
}

std::string range_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    if (type.ends_with(":NONNEGATIVE")) return "at least 0";
    if (type.ends_with(":POSITIVE")) return "above 0";
    const std::size_t begin = type.find(" in [");
    const std::size_t middle = type.find(" - ", begin);
    if (begin == std::string::npos || middle == std::string::npos) return "";
    return type.substr(begin + 5, middle - begin - 5) + " to " +
           type.substr(middle + 3, type.find(']', middle) - middle - 3);
}

std::string value_name(const CLI::Option& option) {
    if (value_kind(option) == ValueKind::none) return "";
    if (value_kind(option) == ValueKind::file) return "FILE";
    if (value_kind(option) != ValueKind::choice) return type_of(option);
    return CLI::detail::join(choices_of(option), "|");
}

bool is_hidden(const CLI::Option& option) {
    return option.get_group().empty();
}

std::string key_of(const CLI::Option& option) {
    if (is_hidden(option)) return option.get_lnames().front();  // CLI11 has no name for hidden options
    if (option.nonpositional()) return option.get_name().substr(option.get_name().find_first_not_of('-'));
    std::string key = CLI::detail::to_lower(option.get_name());
    if (takes_several(option) && !key.ends_with('s')) key += 's';
    return key;
}

bool is_settable(const CLI::Option& option) {
    return option.get_configurable();
}

CLI::App* find_command(CLI::App& program, const CommandPath& path) {
    CLI::App* command = &program;
    for (const std::string& name : path) {
        const auto found = command->get_subcommands([&](CLI::App* each) { return each->get_name() == name; });
        if (found.empty()) return nullptr;
        command = found.front();
    }
    return command;
}

std::vector<CLI::Option*> options_of(CLI::App& command) {
    std::vector<CLI::Option*> options = command.get_options([](const CLI::Option*) { return true; });
    std::ranges::stable_partition(options, [](const CLI::Option* option) { return option->get_positional(); });
    return options;
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
    std::vector<const CLI::Option*> options =
        command.get_options([](const CLI::Option* option) { return !is_hidden(*option); });
    std::ranges::stable_partition(options, [](const CLI::Option* option) { return option->get_positional(); });
    return options;
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

std::vector<const CLI::App*> parents(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* command) { return !command_names(*command).empty(); });
}

void visit_commands(const CLI::App& app, const std::function<void(const CommandPath&, const CLI::App&)>& visit,
                    const CommandPath& path) {
    for (const CLI::App* command : app.get_subcommands({})) {
        CommandPath below = path;
        below.push_back(command->get_name());
        visit(below, *command);
        visit_commands(*command, visit, below);
    }
}

std::string variable_of(const CommandPath& path, const std::string& key) {
    std::string name = "EARMARK";
    for (const std::string& part : path) name += "_" + part;
    name += "_" + key;
    for (char& character : name) {
        character = character == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    }
    return name;
}

}  // namespace earmark::cli
