#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.hpp"
#include "earmark/completions/completion_scripts.hpp"
#include "model/shipped_models.hpp"

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
            return " -r -F -a " + quoted(fmt::format("{}", fmt::join(model::shipped_models(), " ")));
        case cli::ValueKind::command:
            return " -x -a " + quoted(fmt::format("{}", fmt::join(cli::command_names(program), " ")));
        default:
            return option.get_expected_min() == 0 ? "" : " -x";
    }
}

constexpr const char* head = R"(# fish completion for earmark; made by `earmark completions fish`.

# The command and sub-command that stand before the cursor.
function __earmark_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l found
    set -l skip 0
    for word in $words
        if test $skip -eq 1
            set skip 0
            continue
        end
        switch "$found/$word"
            case '*/--settings'
                set skip 1
)";

constexpr const char* tail = R"(        end
    end
    echo $found
end

function __earmark_at
    test (__earmark_command) = "$argv"
end

complete -c earmark -f
)";

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
    std::string text = head;
    cli::visit_commands(program, [&](const cli::CommandPath& path, const CLI::App&) {
        const cli::CommandPath above(path.begin(), path.end() - 1);
        text += fmt::format("            case '{}/{}'\n                set found '{}'\n", fmt::join(above, " "),
                            path.back(), fmt::join(path, " "));
    });
    for (const CLI::App* parent : cli::parents(program)) {
        text += fmt::format("            case 'help/{0}'\n                set found 'help {0}'\n", parent->get_name());
    }
    text += tail;
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
