#include "cli/output/output_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace earmark::cli {

namespace {

struct FormatName {
    OutputFormat format;
    const char* name;
    const char* meaning;
};

constexpr std::array format_names{FormatName{OutputFormat::table, "table", "table"},
                                  FormatName{OutputFormat::json, "json", "json (one object a line)"},
                                  FormatName{OutputFormat::csv, "csv", "csv"}};

constexpr std::array<std::pair<const char*, ColorMode>, 3> color_names{
    {{"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}}};

const FormatName& name_of(OutputFormat format) {
    return *std::ranges::find(format_names, format, &FormatName::format);
}

}  // namespace

void add_output_options(CLI::App& command, OutputOptions& options, std::initializer_list<OutputFormat> formats,
                        std::string description) {
    std::vector<std::string> names;
    std::vector<std::string> meanings;
    for (const OutputFormat format : formats) {
        names.emplace_back(name_of(format).name);
        meanings.emplace_back(name_of(format).meaning);
    }
    if (description.empty()) {
        for (std::size_t i = 0; i < meanings.size(); ++i) {
            description += (i == 0 ? "" : i + 1 == meanings.size() ? " or " : ", ") + meanings[i];
        }
    }
    command
        .add_option_function<std::string>(
            "--format",
            [&options](const std::string& name) {
                options.format = std::ranges::find(format_names, std::string_view(name), [](const FormatName& each) {
                                     return std::string_view(each.name);
                                 })->format;
            },
            std::move(description))
        ->check(CLI::IsMember(names))
        ->default_str(name_of(options.format).name);
    command
        .add_option_function<std::string>(
            "--color",
            [&options](const std::string& name) {
                options.color = std::ranges::find(color_names, name, [](const auto& each) {
                                    return std::string(each.first);
                                })->second;
            },
            "Colour tables: auto (on a terminal, unless $NO_COLOR is set), always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->default_str("auto");
}

}  // namespace earmark::cli
