#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.hpp"
#include "earmark/completions/assets.hpp"
#include "earmark/completions/completion_scripts.hpp"

namespace earmark::commands {

namespace {

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char character : text) {
        if (character == '\'' || character == '\\') result += '\\';
        result += character;
    }
    return result + "'";
}

/// The switches that say what completes a value.
std::string values(const CLI::App& program, const CLI::Option& option) {
    switch (cli::value_kind(option)) {
        case cli::ValueKind::none:
            return "";
        case cli::ValueKind::choice:
            return " -x -a " + quoted(fmt::format("{}", fmt::join(cli::choices_of(option), " ")));
        case cli::ValueKind::file:
        case cli::ValueKind::index:
            return " -r -F";
        case cli::ValueKind::folder:
            return " -x -a '(__fish_complete_directories)'";
        case cli::ValueKind::model:
            return " -r -F -a '(__earmark_list models)'";
        case cli::ValueKind::genre:
        case cli::ValueKind::artist:
        case cli::ValueKind::tag:
        case cli::ValueKind::label:
        case cli::ValueKind::mood:
            return fmt::format(" -x -a '(__earmark_list {})'", cli::list_of(option));
        case cli::ValueKind::command:
            return " -x -a " + quoted(fmt::format("{}", fmt::join(cli::command_names(program), " ")));
        default:
            return option.get_expected_min() == 0 ? "" : " -x";
    }
}

std::string lines(const CLI::App& program, const cli::CommandPath& path, const CLI::App& command) {
    const std::string begin = fmt::format("complete -c earmark -n \"__earmark_at {}\"",
                                          path.empty() ? "''" : fmt::format("{}", fmt::join(path, " ")));
    std::string text = "\n";
    for (const CLI::App* below : command.get_subcommands({})) {
        text += fmt::format("{} -a {} -d {}\n", begin, below->get_name(), quoted(below->get_description()));
    }
    for (const CLI::Option* option : cli::options_of(command)) {
        std::string names;
        for (const std::string& name : option->get_snames()) names += " -s " + name;
        for (const std::string& name : option->get_lnames()) names += " -l " + name;
        std::string value = values(program, *option);
        if (option->get_positional()) {
            const std::size_t words = value.find("-a ");  // -x and -r are for values of options
            if (value.find("-F") != std::string::npos) text += begin + " -F\n";
            if (words != std::string::npos) text += fmt::format("{} {}\n", begin, value.substr(words));
            continue;
        }
        text += fmt::format("{}{}{} -d {}\n", begin, names, value, quoted(option->get_description()));
    }
    return text;
}

}  // namespace

std::string fish_completions(const CLI::App& program) {
    std::string text = "function __earmark_find_command\n    switch \"$argv[1]/$argv[2]\"\n";
    cli::visit_commands(program, [&](const cli::CommandPath& path, const CLI::App&) {
        const cli::CommandPath above(path.begin(), path.end() - 1);
        text += fmt::format("        case '{}/{}'\n            echo '{}'\n", fmt::join(above, " "), path.back(),
                            fmt::join(path, " "));
    });
    for (const CLI::App* parent : cli::parents(program)) {
        text += fmt::format("        case 'help/{0}'\n            echo 'help {0}'\n", parent->get_name());
    }
    text += "    end\nend\n\n";
    text += completions_fish;
    text += lines(program, {}, program);
    cli::visit_commands(
        program, [&](const cli::CommandPath& path, const CLI::App& command) { text += lines(program, path, command); });
    for (const CLI::App* parent : cli::parents(program)) {
        text += fmt::format("complete -c earmark -n \"__earmark_at help {}\" -a '{}'\n", parent->get_name(),
                            fmt::join(cli::command_names(*parent), " "));
    }
    return text;
}

}  // namespace earmark::commands
