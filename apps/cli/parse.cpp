#include "cli/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>

#include "base/nearest_name.hpp"
#include "cli/description.hpp"
#include "cli/guard.hpp"
#include "cli/messages.hpp"
#include "cli/output/help_text.hpp"
#include "cli/output/terminal.hpp"
#include "model/shipped_models.hpp"

namespace earmark::cli {

namespace {

/// The word in the place of a command when there is no such command.
std::string unknown_command(const CLI::App& program) {
    if (command_names(program).empty() || !program.get_subcommands().empty()) return "";
    const std::vector<std::string> words = program.remaining();
    return words.empty() || words.front().starts_with('-') ? "" : words.front();
}

/// The command that the command line names, and how it is called: "earmark model calibrate".
std::pair<const CLI::App*, std::string> named_command(const CLI::App& program) {
    const CLI::App* command = &program;
    std::string name = program.get_name();
    while (!command->get_subcommands().empty()) {
        command = command->get_subcommands().front();
        name += " " + command->get_name();
    }
    return {command, name};
}

/// What is wrong with an option that the command does not have.
std::string unknown_option(const CLI::App& command, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const CLI::Option* option : options_of(command)) {
        if (option->nonpositional()) names.push_back("--" + option->get_lnames().front());
    }
    return fmt::format("unknown option \"{}\".{}", name, base::suggestion(name, names));
}

/// A word that stands where a command may have a value or a sub-command, and looks like the name of a sub-command, misspelt:
/// "calibrte" of `earmark model calibrte x`. Empty when there is none.
std::string misspelt_command(const CLI::App& program) {
    const CLI::App& command = *named_command(program).first;
    const std::vector<std::string> names = command_names(command);
    if (names.empty()) return "";
    for (const CLI::Option* option : options_of(command)) {
        if (!option->get_positional() || option->count() == 0) continue;
        const std::string word = option->results().front();
        std::error_code error;
        const bool is_value = std::filesystem::exists(word, error) ||
                              (value_kind(*option) == ValueKind::model && model::shipped_models().contains(word));
        if (!is_value && !base::nearest_name(word, names).empty()) return word;
    }
    return "";
}

/// Reports it, and what may have been meant.
void report_misspelt_command(const CLI::App& program, const std::string& word) {
    const auto [command, name] = named_command(program);
    report(fmt::format("there is no file \"{0}\" and no command `{1} {0}`.{2} See `{1} --help`.", word, name,
                       base::suggestion(word, command_names(*command))));
}

bool is_number(const std::string& word) {
    char* end = nullptr;
    std::strtod(word.c_str(), &end);
    return !word.empty() && *end == '\0';
}

std::string between(const std::string& text, std::string_view before, std::string_view after) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + before.size();
    const std::size_t end = after.empty() ? text.size() : text.find(after, begin);
    return end == std::string::npos ? "" : text.substr(begin, end - begin);
}

/// The option or positional argument that a message of CLI11 names.
const CLI::Option* find_option(const CLI::App& command, const std::string& name) {
    for (const CLI::Option* option : options_of(command)) {
        if (option->get_name() == name || option->check_name(name)) return option;
    }
    return nullptr;
}

std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.' && text.back() != '?') text += '.';
    return text;
}

/// What a number has to be: "a number from 0 to 1".
std::string range_text(const CLI::App& command, const std::string& name) {
    const CLI::Option* const option = find_option(command, name);
    if (option == nullptr || range_of(*option).empty()) return "another number";
    const std::string range = range_of(*option);
    const std::string number = is_whole_number(*option) ? "a whole number " : "a number ";
    return number + (range.find(" to ") == std::string::npos ? "" : "from ") + range;
}

/// The message of CLI11 in words that say what to do.
std::string reason(const CLI::App& program, const CLI::ParseError& error) {
    const std::string text = error.what();
    const int code = error.get_exit_code();
    const CLI::App& command = *named_command(program).first;
    const std::vector<std::string> words = program.remaining(true);
    const bool no_command =
        code == static_cast<int>(CLI::ExitCodes::RequiredError) && text.find("subcommand") != std::string::npos;
    if (code == static_cast<int>(CLI::ExitCodes::ExtrasError) || no_command) {
        for (const std::string& word : words) {
            if (word.starts_with("-")) return unknown_option(command, word);
        }
        if (!words.empty()) {
            const std::vector<std::string> names = command_names(command);
            return names.empty() ? fmt::format("\"{}\" was not expected here.", words.front())
                                 : fmt::format("unknown command \"{}\".{}", words.front(),
                                               base::suggestion(words.front(), names));
        }
        if (no_command) return fmt::format("a command is missing: {}.", fmt::join(command_names(command), ", "));
    }
    if (text.find(" required ") != std::string::npos && text.ends_with(" missing")) {
        return fmt::format("{}: its value is missing.", text.substr(0, text.find(": ")));
    }
    const std::string option = text.substr(0, text.find(": "));
    const std::string outside = between(text, ": Value ", " not in range ");
    if (!outside.empty()) {
        if (is_number(outside) && outside.find('.') != std::string::npos) {
            return fmt::format("{}: {} is out of range, or no whole number. Give {}.", option, outside,
                               range_text(command, option));
        }
        if (!is_number(outside)) return fmt::format("{}: `{}` is no number.", option, outside);
        return fmt::format("{}: {} is out of range. Give {}.", option, outside, range_text(command, option));
    }
    const std::string unknown = between(text, ": ", " not in {");
    const CLI::Option* const chosen = find_option(command, option);
    if (!unknown.empty() && chosen != nullptr) {
        const std::vector<std::string> choices = choices_of(*chosen);
        return fmt::format("{}: \"{}\" is not one of {}.{}", option, unknown, fmt::join(choices, ", "),
                           base::suggestion(unknown, choices));
    }
    if (text.starts_with("Could not convert: ")) {
        const std::string converted = between(text, "Could not convert: ", " = ");
        const std::string word = between(text, " = ", "");
        if (!converted.empty()) {
            return is_number(word) ? fmt::format("{}: {} is no whole number, or too large.", converted, word)
                                   : fmt::format("{}: `{}` is no number.", converted, word);
        }
    }
    return sentence(text);
}

}  // namespace

std::optional<int> parse(CLI::App& program, const UserSettings& settings, int argc, char** argv) {
    try {
        program.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", fitted_help(program.help(), text_width()));
        return 0;
    } catch (const CLI::Success& success) {  // version
        return program.exit(success);
    } catch (const CLI::ParseError& error) {
        if (const std::string misspelt = misspelt_command(program); !misspelt.empty()) {
            report_misspelt_command(program, misspelt);
            return wrong_usage;
        }
        const std::string word = unknown_command(program);
        if (!word.empty()) {
            report(fmt::format("unknown command \"{}\".{} `{} --help` lists them.", word,
                               base::suggestion(word, command_names(program)), program.get_name()));
            return wrong_usage;
        }
        for (const std::string& origin : settings.origins(error.what())) report(origin);
        report(fmt::format("{} See `{} --help`.", reason(program, error), named_command(program).second));
        return wrong_usage;
    } catch (const Error& error) {
        report(error);
        return wrong_usage;
    }
    note_options(program);
    if (const std::string misspelt = misspelt_command(program); !misspelt.empty()) {
        report_misspelt_command(program, misspelt);
        return wrong_usage;
    }
    return std::nullopt;
}

}  // namespace earmark::cli
