#include "earmark/man/man_page.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "earmark/commands/commands.hpp"
#include "earmark/man/examples.hpp"
#include "earmark/man/roff.hpp"

namespace earmark::commands {

namespace {

constexpr const char* default_settings = "~/.config/earmark/settings.toml";

std::string spoken(const cli::CommandPath& path) {
    cli::CommandPath words{"earmark"};
    words.insert(words.end(), path.begin(), path.end());
    return fmt::format("{}", fmt::join(words, " "));
}

/// Ends a text with a full stop.
std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.') text += '.';
    return text;
}

/// All that the description says of an option.
std::string about(const CLI::Option& option) {
    std::string text = sentence(option.get_description());
    if (!cli::range_of(option).empty()) text += fmt::format(" From {}.", cli::range_of(option));
    if (!option.get_default_str().empty()) text += fmt::format(" Default: {}.", option.get_default_str());
    const bool says_several = text.find("several times") != std::string::npos;
    if (cli::takes_several(option) && option.nonpositional() && !says_several) text += " May be given several times.";
    if (option.get_required()) text += " Required.";
    for (const CLI::Option* other : option.get_excludes()) text += fmt::format(" Not with {}.", other->get_name());
    return text;
}

std::string positional_usage(const CLI::Option& option) {
    const std::string name = option.get_name(true) + (cli::takes_several(option) ? "..." : "");
    return option.get_required() ? name : fmt::format("[{}]", name);
}

void add_synopsis(Roff& page, const cli::CommandPath& path, const CLI::App& command) {
    page.heading("SYNOPSIS");
    std::string arguments = "[OPTIONS]";
    for (const CLI::Option* option : cli::options_of(command)) {
        if (option->get_positional()) arguments += " " + positional_usage(*option);
    }
    const bool has_commands = !cli::command_names(command).empty();
    if (has_commands && command.get_require_subcommand_min() > 0) {
        page.usage(spoken(path), path.empty() ? "COMMAND ..." : "SUBCOMMAND ...");
        return;
    }
    page.usage(spoken(path), arguments);
    for (const CLI::App* below : command.get_subcommands({})) {
        cli::CommandPath longer = path;
        longer.push_back(below->get_name());
        page.next_line();
        page.usage(spoken(longer), "...");
    }
}

void add_commands(Roff& page, const cli::CommandPath& path, const CLI::App& command) {
    if (cli::command_names(command).empty()) return;
    page.heading("COMMANDS");
    cli::visit_commands(
        command,
        [&](const cli::CommandPath& below, const CLI::App& each) {
            page.item(spoken(below), "",
                      fmt::format("{} See {}(1).", sentence(each.get_description()), page_name(below)));
        },
        path);
}

void add_options(Roff& page, const CLI::App& command) {
    page.heading("OPTIONS");
    for (const CLI::Option* option : cli::options_of(command)) {
        if (option->get_positional()) page.item(option->get_name(true), "", about(*option));
    }
    for (const std::string& group : command.get_groups()) {
        bool first = true;
        for (const CLI::Option* option : cli::options_of(command)) {
            if (option->get_positional() || option->get_group() != group) continue;
            if (first && group != "Options") page.subheading(group);
            first = false;
            const std::string names = CLI::detail::find_and_replace(option->get_name(false, true), ",", ", ");
            std::string value = cli::value_name(*option);
            if (option->get_expected_min() == 0 && !value.starts_with('[') && !value.empty())
                value = fmt::format("[{}]", value);
            page.item(names, value, about(*option));
        }
    }
}

bool has(const CLI::App& command, cli::ValueKind kind) {
    return std::ranges::any_of(cli::options_of(command),
                               [&](const CLI::Option* each) { return cli::value_kind(*each) == kind; });
}

bool has_settings(const CLI::App& command) {
    return std::ranges::any_of(cli::options_of(command),
                               [](const CLI::Option* each) { return cli::is_settable(*each); });
}

void add_environment(Roff& page, const cli::CommandPath& path, const CLI::App& command) {
    page.heading("ENVIRONMENT");
    page.item("EARMARK_SETTINGS", "", fmt::format("The settings file, in place of {}.", default_settings));
    if (path.empty() || has(command, cli::ValueKind::model)) {
        page.item("EARMARK_MODEL", "", "The model, where no option names one.");
    }
    if (path.empty() || has(command, cli::ValueKind::index)) {
        page.item("EARMARK_INDEX", "", "The index, where no option names one.");
    }
    if (path.empty()) {
        page.item("EARMARK_COMMAND_OPTION", "",
                  "Each option of each command: EARMARK_SCAN_JOBS is --jobs of earmark scan. See earmark-settings(5).");
        return;
    }
    if (!has_settings(command)) return;
    std::string names;
    for (const CLI::Option* option : cli::options_of(command)) {
        if (!cli::is_settable(*option)) continue;
        names += (names.empty() ? "" : ", ") + cli::variable_of(path, cli::key_of(*option));
    }
    page.item(cli::variable_of(path, "*"), "",
              fmt::format(
                  "The options of these names, where the command line does not give them: {}. See earmark-settings(5).",
                  names));
}

void add_files(Roff& page, const cli::CommandPath& path, const CLI::App& command) {
    page.heading("FILES");
    page.item(default_settings, "", "The settings, in $XDG_CONFIG_HOME where that is set. See earmark-settings(5).");
    if (path.empty() || has(command, cli::ValueKind::index)) {
        page.item("~/.local/share/earmark/index.sqlite", "",
                  "The index of a music library, in $XDG_DATA_HOME where that is set.");
    }
    if (path.empty() || has(command, cli::ValueKind::model)) {
        page.item("../share/earmark/models", "", "The models that ship, from the folder of the program.");
    }
}

void add_examples(Roff& page, const cli::CommandPath& path) {
    const std::vector<Example> examples = examples_of(path);
    if (examples.empty()) return;
    page.heading("EXAMPLES");
    for (const Example& each : examples) {
        page.paragraph(each.purpose);
        page.example(each.line);
    }
}

void add_relatives(Roff& page, const cli::CommandPath& path, const CLI::App& command) {
    page.heading("SEE ALSO");
    std::vector<std::string> pages;
    for (cli::CommandPath above = path; !above.empty();) {
        above.pop_back();
        pages.push_back(page_name(above) + "(1)");
    }
    for (const std::string& name : cli::command_names(command)) {
        cli::CommandPath below = path;
        below.push_back(name);
        pages.push_back(page_name(below) + "(1)");
    }
    pages.push_back("earmark-settings(5)");
    page.paragraph(fmt::format("{}", fmt::join(pages, ", ")));
}

}  // namespace

std::string page_name(const cli::CommandPath& path) {
    std::string name = "earmark";
    for (const std::string& part : path) name += "-" + part;
    return name;
}

std::string man_page(const cli::CommandPath& path, const CLI::App& command) {
    Roff page(page_name(path), "1", "User Commands");
    std::string description = command.get_description();
    if (path.empty()) description = "listen to music and say what genre it is";
    page.name(page_name(path), description);
    add_synopsis(page, path, command);
    page.heading("DESCRIPTION");
    page.paragraph(sentence(command.get_description()));
    if (path.empty()) {
        page.paragraph("Results go to standard output, messages and progress to standard error.");
    } else if (command.get_footer() != common_footer) {
        page.paragraph(command.get_footer());
    }
    add_commands(page, path, command);
    add_options(page, command);
    add_environment(page, path, command);
    add_files(page, path, command);
    page.heading("EXIT STATUS");
    page.item("0", "", "All good.");
    page.item("1", "", "Something failed and was reported.");
    page.item("2", "", "Wrong usage: of the command line, of the settings or of a variable.");
    page.item("130", "", "Ended by Ctrl-C.");
    add_examples(page, path);
    add_relatives(page, path, command);
    return page.text();
}

namespace {

Roff settings_page(const CLI::App& program) {
    Roff page("earmark-settings", "5", "File Formats");
    page.name("earmark-settings", "settings of earmark");
    page.heading("DESCRIPTION");
    page.paragraph(
        "What is set here need not be given on the command line. The file is TOML: a table for each command, with keys "
        "that are the long names of its options without the dashes; a sub-command has a table below that of its "
        "command. "
        "Positional arguments are keys, too, in small letters, and in the plural where several may be given.");
    page.paragraph(
        "The keys model, index and quiet hold for every command that has them when they stand at the top, before all "
        "tables. A command's own key comes before them.");
    page.paragraph(
        "The command line comes first, then the environment, then the settings, then what is built in. A value takes "
        "the "
        "place of the next one's; lists are not added to one another. Options that say what to do now, such as --write "
        "of earmark tag, can be given on the command line only.");
    page.paragraph(
        "Paths may begin with ~/ for the home folder; others that do not begin with a slash count from the folder that "
        "earmark is started in. What is unknown, of the wrong type or out of range is an error with the exit status "
        "2.");
    page.heading("ENVIRONMENT");
    page.paragraph(
        "Each key of the tables below has a variable: EARMARK, the command and the key, in capitals, with _ between "
        "them "
        "and in place of -. Options that take several values take one a line. Flags are true, yes, on, 1, or false, "
        "no, "
        "off, 0. A variable that is empty is not set.");
    page.item("EARMARK_SETTINGS", "", "The settings file; /dev/null for none.");
    page.item("EARMARK_MODEL, EARMARK_INDEX", "",
              "Model and index, for every command that has one; before the settings, after a command's own variable.");
    page.heading("TABLES AND KEYS");
    cli::visit_commands(program, [&](const cli::CommandPath& path, const CLI::App& command) {
        if (!has_settings(command)) return;
        page.subheading(fmt::format("[{}]", fmt::join(path, ".")));
        for (const CLI::Option* option : cli::options_of(command)) {
            if (!cli::is_settable(*option)) continue;
            std::string value = cli::value_name(*option);
            if (value.empty()) value = "true|false";
            if (cli::takes_several(*option)) value = fmt::format("[{}, ...]", value);
            page.item(cli::key_of(*option) + " =", value, about(*option));
        }
    });
    page.heading("FILES");
    page.item("$XDG_CONFIG_HOME/earmark/settings.toml", "", "When XDG_CONFIG_HOME is set.");
    page.item(default_settings, "", "Otherwise.");
    page.heading("EXAMPLES");
    page.example(settings_example);
    page.heading("SEE ALSO");
    page.paragraph("earmark(1)");
    return page;
}

}  // namespace

std::string settings_man_page(const CLI::App& program) {
    return settings_page(program).text();
}

std::string settings_help(const CLI::App& program, std::size_t width) {
    return settings_page(program).readable(width);
}

}  // namespace earmark::commands
