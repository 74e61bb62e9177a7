#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>

#include "cli/output/terminal.hpp"

namespace earmark::cli {

enum class OutputFormat { table, json, csv };

/// How a command writes its results.
struct OutputOptions {
    OutputFormat format = OutputFormat::table;
    ColorMode color = ColorMode::automatic;
};

/// Adds --format, with the formats that the command has, and --color. `options` must outlive the parsing.
/// @param description  of --format; empty: its values in words
void add_output_options(CLI::App& command, OutputOptions& options,
                        std::initializer_list<OutputFormat> formats = {OutputFormat::table, OutputFormat::json,
                                                                       OutputFormat::csv},
                        std::string description = "");

}  // namespace earmark::cli
