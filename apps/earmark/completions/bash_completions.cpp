#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.hpp"
#include "earmark/completions/assets.hpp"
#include "earmark/completions/completion_scripts.hpp"

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
            return "_earmark_files; _earmark_list models";
        case cli::ValueKind::genre:
        case cli::ValueKind::artist:
        case cli::ValueKind::tag:
        case cli::ValueKind::label:
        case cli::ValueKind::mood:
            return fmt::format("_earmark_list {}", cli::list_of(option));
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

/// A function whose body is a `case` of the two arguments.
std::string table(const std::string& name, const std::string& subject, const std::string& cases) {
    return fmt::format("{}() {{\n    case \"{}\" in\n{}    esac\n}}\n\n", name, subject, cases);
}

std::string command_table(const CLI::App& program) {
    std::string cases;
    cli::visit_commands(program, [&](const cli::CommandPath& path, const CLI::App&) {
        const cli::CommandPath above(path.begin(), path.end() - 1);
        cases += fmt::format("        \"{} {}\") command=\"{}\" ;;\n", fmt::join(above, " "), path.back(),
                             fmt::join(path, " "));
    });
    for (const CLI::App* parent : cli::parents(program)) {
        cases += fmt::format("        \"help {0}\") command=\"help {0}\" ;;\n", parent->get_name());
    }
    return table("_earmark_find_command", "$1 $2", cases);
}

std::string value_table(const CLI::App& program) {
    std::string cases;
    const auto add = [&](const cli::CommandPath& path, const CLI::App& command) {
        for (const CLI::Option* option : cli::options_of(command)) {
            if (option->get_positional() || option->get_expected_min() == 0) continue;
            const std::string value = values(program, *option);
            cases += fmt::format("        \"{} {}\") {} ;;\n", fmt::join(path, " "), option->get_name(),
                                 value.empty() ? ":" : value);
        }
    };
    add({}, program);
    cli::visit_commands(program, add);
    return table("_earmark_offer_value", "$1 $2", cases + "        *) return 1 ;;\n");
}

std::string word_table(const CLI::App& program) {
    std::string cases;
    const auto add = [&](const cli::CommandPath& path, const CLI::App& command) {
        cases += fmt::format("        \"{}\") if [[ $word == -* ]]; then _earmark_offer \"{}\"; else {}:; fi ;;\n",
                             fmt::join(path, " "), option_names(command), words(program, command));
    };
    add({}, program);
    cli::visit_commands(program, add);
    for (const CLI::App* parent : cli::parents(program)) {
        cases += fmt::format("        \"help {}\") _earmark_offer \"{}\" ;;\n", parent->get_name(),
                             fmt::join(cli::command_names(*parent), " "));
    }
    return table("_earmark_offer_word", "$1", cases);
}

}  // namespace

std::string bash_completions(const CLI::App& program) {
    return command_table(program) + value_table(program) + word_table(program) + std::string(completions_bash);
}

}  // namespace earmark::commands
