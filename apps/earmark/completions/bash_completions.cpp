#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.hpp"
#include "earmark/completions/completion_scripts.hpp"
#include "model/shipped_models.hpp"

namespace earmark::commands {

namespace {

/// What completes a value; empty where nothing is known of it.
std::string values(const CLI::App& program, const CLI::Option& option) {
    switch (cli::value_kind(option)) {
        case cli::ValueKind::choice:
            return fmt::format("_earmark_offer \"{}\"", fmt::join(cli::choices_of(option), " "));
        case cli::ValueKind::file:
        case cli::ValueKind::index:
            return "_earmark_files";
        case cli::ValueKind::folder:
            return "_earmark_folders";
        case cli::ValueKind::model:
            return fmt::format("_earmark_files; _earmark_offer \"{}\"", fmt::join(model::shipped_models(), " "));
        case cli::ValueKind::command:
            return fmt::format("_earmark_offer \"{}\"", fmt::join(cli::command_names(program), " "));
        default:
            return "";
    }
}

std::string option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : cli::options_of(command)) {
        if (option->nonpositional()) names.push_back(option->get_name());
    }
    return fmt::format("{}", fmt::join(names, " "));
}

/// Words that may stand without an option: sub-commands, and values of positional arguments.
std::string words(const CLI::App& program, const CLI::App& command) {
    std::string result;
    for (const CLI::Option* option : cli::options_of(command)) {
        if (!option->get_positional()) continue;
        const std::string value = values(program, *option);
        if (!value.empty()) result += value + "; ";
        if (cli::takes_several(*option)) break;
    }
    const std::vector<std::string> names = cli::command_names(command);
    if (!names.empty()) result += fmt::format("_earmark_offer \"{}\"; ", fmt::join(names, " "));
    return result;
}

constexpr const char* head = R"(# bash completion for earmark; made by `earmark completions bash`.

_earmark_offer() {
    local each
    while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -W "$1" -- "$word")
}

_earmark_files() {
    local each
    compopt -o filenames 2>/dev/null
    while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -f -- "$word")
}

_earmark_folders() {
    local each
    compopt -o filenames 2>/dev/null
    while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -d -- "$word")
}

_earmark() {
    local word="${COMP_WORDS[COMP_CWORD]}" previous="" command="" index
    COMPREPLY=()
    ((COMP_CWORD > 0)) && previous="${COMP_WORDS[COMP_CWORD - 1]}"
    # --option=value are three words.
    if [[ $word == "=" ]]; then
        word=""
    elif [[ $previous == "=" ]]; then
        previous="${COMP_WORDS[COMP_CWORD - 2]}"
    fi
    for ((index = 1; index < COMP_CWORD; ++index)); do
        case "$command ${COMP_WORDS[index]}" in
            *" --settings") [[ ${COMP_WORDS[index + 1]} == "=" ]] && ((++index)); ((++index)) ;;
)";

}  // namespace

std::string bash_completions(const CLI::App& program) {
    std::string text = head;
    // Which command the words before name.
    cli::visit_commands(program, [&](const cli::CommandPath& path, const CLI::App&) {
        const cli::CommandPath above(path.begin(), path.end() - 1);
        text += fmt::format("            \"{} {}\") command=\"{}\" ;;\n", fmt::join(above, " "), path.back(),
                            fmt::join(path, " "));
    });
    for (const CLI::App* parent : cli::parents(program)) {
        text += fmt::format("            \"help {0}\") command=\"help {0}\" ;;\n", parent->get_name());
    }
    text += "        esac\n    done\n    case \"$command $previous\" in\n";
    const auto add_values = [&](const cli::CommandPath& path, const CLI::App& command) {
        for (const CLI::Option* option : cli::options_of(command)) {
            if (option->get_positional() || option->get_expected_min() == 0) continue;
            const std::string value = values(program, *option);
            text += fmt::format("        \"{} {}\") {}return ;;\n", fmt::join(path, " "), option->get_name(),
                                value.empty() ? "" : value + "; ");
        }
    };
    add_values({}, program);
    cli::visit_commands(program, add_values);
    text += "    esac\n    case \"$command\" in\n";
    const auto add_words = [&](const cli::CommandPath& path, const CLI::App& command) {
        text += fmt::format("        \"{}\") if [[ $word == -* ]]; then _earmark_offer \"{}\"; else {}:; fi ;;\n",
                            fmt::join(path, " "), option_names(command), words(program, command));
    };
    add_words({}, program);
    cli::visit_commands(program, add_words);
    for (const CLI::App* parent : cli::parents(program)) {
        text += fmt::format("        \"help {}\") _earmark_offer \"{}\" ;;\n", parent->get_name(),
                            fmt::join(cli::command_names(*parent), " "));
    }
    text += "    esac\n}\n\ncomplete -F _earmark earmark\n";
    return text;
}

}  // namespace earmark::commands
