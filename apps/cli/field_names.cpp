#include "cli/field_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "cli/description.hpp"

namespace earmark::cli {

namespace {

/// Fields whose option has another name than they have.
const std::map<std::string, std::string, std::less<>> other_names{
    {"allow_missing", "allow-missing-tracks"},
    {"band_statistics", "colour"},
    {"centred", "no-centre"},
    {"csv", "split-file"},
    {"frames", "segment-frames"},
    {"groups", "group-file"},
    {"seconds", "segment-seconds"},
    {"standardise", "no-standardise"},
};

/// Options that are named with their command, although other commands have one of that name or `earmark-train` knows none.
const std::map<std::string, std::string, std::less<>> options_elsewhere{
    {"kind", "--kind of `earmark store create`"},
    {"start", "--start of `earmark train`"},
};

struct KnownOptions {
    std::set<std::string> own;                                  ///< of the command at hand
    std::map<std::string, std::vector<std::string>> of_others;  ///< the commands that have it, by option
};

KnownOptions& known() {
    static KnownOptions options;
    return options;
}

std::string option_of(std::string_view field) {
    const auto other = other_names.find(field);
    std::string name = other == other_names.end() ? std::string(field) : other->second;
    std::ranges::replace(name, '_', '-');
    return name;
}

/// The option of a field in words; empty when there is none.
std::string named_option(std::string_view field) {
    const std::string name = option_of(field);
    if (known().own.contains(name)) return "--" + name;
    const auto elsewhere = options_elsewhere.find(name);
    if (elsewhere != options_elsewhere.end()) return elsewhere->second;
    const auto found = known().of_others.find(name);
    if (found == known().of_others.end()) return "";
    if (found->second.size() > 1) return "--" + name;
    return fmt::format("--{} of `{}`", name, found->second.front());
}

bool is_field(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char character) {
        return (character >= 'a' && character <= 'z') || character == '_';
    });
}

}  // namespace

void note_options(const CLI::App& program) {
    KnownOptions options;
    const CLI::App* command = &program;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    const auto take = [&](const std::string& name, const CLI::App& app) {
        for (const CLI::Option* option : options_of(app)) {
            if (!option->nonpositional()) continue;
            if (&app == command) options.own.insert(option->get_lnames().front());
            options.of_others[option->get_lnames().front()].push_back(name);
        }
    };
    take(program.get_name(), program);
    visit_commands(program, [&](const CommandPath& path, const CLI::App& app) {
        std::string name = program.get_name();
        for (const std::string& word : path) name += " " + word;
        take(name, app);
    });
    known() = std::move(options);
}

std::string with_options(std::string_view message) {
    std::string result;
    for (;;) {
        const std::size_t begin = message.find('`');
        const std::size_t end = begin == message.npos ? begin : message.find('`', begin + 1);
        if (end == message.npos) return result.append(message);
        const std::string_view field = message.substr(begin + 1, end - begin - 1);
        // In the name of a file it is no field, and "/" stands before it.
        const bool apart = begin == 0 || message[begin - 1] == ' ' || message[begin - 1] == '(';
        const std::string option = apart && is_field(field) ? named_option(field) : "";
        result.append(message.substr(0, option.empty() ? end + 1 : begin)).append(option);
        message.remove_prefix(end + 1);
    }
}

}  // namespace earmark::cli
