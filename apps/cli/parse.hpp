#pragma once

#include <CLI/CLI.hpp>
#include <optional>

#include "cli/user_settings.hpp"

namespace earmark::cli {

/// Parses the command line of a program.
/// @return the exit status when there is nothing left to do: help was asked for, or something was wrong and has been
/// reported
std::optional<int> parse(CLI::App& program, const UserSettings& settings, int argc, char** argv);

}  // namespace earmark::cli
