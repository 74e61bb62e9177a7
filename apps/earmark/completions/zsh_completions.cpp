#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.hpp"
#include "earmark/completions/assets.hpp"
#include "earmark/completions/completion_scripts.hpp"

namespace earmark::commands {

namespace {

/// Text within a quoted part of _arguments: with its special characters escaped.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char character : text) {
        if (character == '\'') {
            result += "'\\''";
            continue;
        }
        if (character == '[' || character == ']' || character == ':' || character == '\\') result += '\\';
        result += character;
    }
    return result;
}

/// The message and action of a value, ":FILE:_files".
std::string value(const CLI::Option& option) {
    std::string action;
    switch (cli::value_kind(option)) {
        case cli::ValueKind::none:
            return "";
        case cli::ValueKind::choice:
            action = fmt::format("({})", fmt::join(cli::choices_of(option), " "));
            break;
        case cli::ValueKind::file:
        case cli::ValueKind::index:
            action = "_files";
            break;
        case cli::ValueKind::folder:
            action = "_files -/";
            break;
        case cli::ValueKind::model:
            action = "_earmark_models";
            break;
        case cli::ValueKind::genre:
        case cli::ValueKind::artist:
        case cli::ValueKind::tag:
        case cli::ValueKind::label:
        case cli::ValueKind::mood:
            action = "_earmark_" + cli::list_of(option);
            break;
        case cli::ValueKind::command:
            action = "_earmark_topics";
            break;
        default:
            break;
    }
    std::string name = option.get_positional() ? option.get_name(true) : cli::value_name(option);
    if (cli::value_kind(option) == cli::ValueKind::choice)
        name = option.get_name().substr(option.get_name().find_first_not_of('-'));
    const char* const colons = option.get_expected_min() == 0 ? "::" : ":";
    return fmt::format("{}{}:{}", colons, escaped(name), action);
}

std::string option_spec(const CLI::Option& option) {
    std::string result;
    for (const std::string& part : CLI::detail::split(option.get_name(false, true), ',')) {
        const std::string name = CLI::detail::trim_copy(part);
        const bool with_value = cli::value_kind(option) != cli::ValueKind::none;
        const char* const often = cli::takes_several(option) ? "*" : "";
        result +=
            fmt::format("        '{}{}{}[{}]{}' \\\n", often, name, with_value && name.starts_with("--") ? "=" : "",
                        escaped(option.get_description()), value(option));
    }
    return result;
}

std::string function_name(const cli::CommandPath& path) {
    std::string name = "_earmark_program";
    for (const std::string& part : path) name += "_" + part;
    return name;
}

/// The function that lists the sub-commands of a command.
std::string lister(const cli::CommandPath& path, const CLI::App& command) {
    std::string text = fmt::format("{}_commands() {{\n    local -a commands=(\n", function_name(path));
    for (const CLI::App* below : command.get_subcommands({})) {
        text += fmt::format("        '{}:{}'\n", below->get_name(), escaped(below->get_description()));
    }
    return text + "    )\n    _describe -t commands command commands\n}\n\n";
}

/// The function that completes what follows a command.
std::string completer(const cli::CommandPath& path, const CLI::App& command) {
    const bool has_commands = !cli::command_names(command).empty();
    std::string text;
    if (has_commands) text += lister(path, command);
    text += fmt::format("{}() {{\n", function_name(path));
    if (has_commands)
        text += "    local context state state_descr line curcontext=$curcontext\n    typeset -A opt_args\n";
    text += fmt::format("    _arguments {}\\\n", has_commands ? "-C " : "");
    int place = 1;
    for (const CLI::Option* option : cli::options_of(command)) {
        if (option->get_positional()) {
            if (has_commands) continue;  // shares its place with the sub-commands, below
            const std::string at = cli::takes_several(*option) ? "*" : fmt::format("{}", place++);
            text += fmt::format("        '{}{}' \\\n", at, value(*option));
        } else {
            text += option_spec(*option);
        }
    }
    if (has_commands) {
        text += "        '1: :->first' \\\n        '*:: :->rest'\n    case $state in\n        first)\n";
        text += fmt::format("            {}_commands\n", function_name(path));
        for (const CLI::Option* option : cli::options_of(command)) {
            if (!option->get_positional()) continue;
            const std::string action = value(*option);
            text += fmt::format("            {}\n", action.substr(action.rfind(':') + 1));
        }
        text += "            ;;\n        rest)\n            case $words[1] in\n";
        for (const std::string& name : cli::command_names(command)) {
            text += fmt::format("                {}) {}_{} ;;\n", name, function_name(path), name);
        }
        text += "            esac\n            ;;\n    esac\n";
    } else {
        text += "        && return 0\n";
    }
    return text + "}\n\n";
}

}  // namespace

std::string zsh_completions(const CLI::App& program) {
    // Of `help`: a command, then its sub-commands.
    std::string text = "#compdef earmark\n\n_earmark_topics() {\n    case $words[CURRENT-1] in\n";
    for (const CLI::App* parent : cli::parents(program)) {
        text += fmt::format("        {0}) _earmark_program_{0}_commands ;;\n", parent->get_name());
    }
    text += "        *) _earmark_program_commands ;;\n    esac\n}\n\n";
    cli::visit_commands(
        program, [&](const cli::CommandPath& path, const CLI::App& command) { text += completer(path, command); });
    text += completer({}, program);
    text += completions_zsh;
    return text;
}

}  // namespace earmark::commands
