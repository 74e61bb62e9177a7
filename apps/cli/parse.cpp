#include "cli/parse.hpp"

#include <fmt/format.h>

#include "base/nearest_name.hpp"
#include "cli/description.hpp"
#include "cli/guard.hpp"
#include "cli/messages.hpp"

namespace earmark::cli {

namespace {

/// The word in the place of a command when there is no such command.
std::string unknown_command(const CLI::App& program) {
    if (command_names(program).empty() || !program.get_subcommands().empty()) return "";
    const std::vector<std::string> words = program.remaining();
    return words.empty() || words.front().starts_with('-') ? "" : words.front();
}

}  // namespace

std::optional<int> parse(CLI::App& program, const UserSettings& settings, int argc, char** argv) {
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& success) {  // help, version
        return program.exit(success);
    } catch (const CLI::ParseError& error) {
        const std::string word = unknown_command(program);
        if (!word.empty()) {
            report(fmt::format("unknown command \"{}\".{} `{} --help` lists them.", word,
                               base::suggestion(word, command_names(program)), program.get_name()));
            return wrong_usage;
        }
        for (const std::string& origin : settings.origins(error.what())) report(origin);
        program.exit(error);
        return wrong_usage;
    } catch (const Error& error) {
        report(error.what());
        return wrong_usage;
    }
    return std::nullopt;
}

}  // namespace earmark::cli
