#pragma once

#include <CLI/CLI.hpp>
#include <string>

/// Completions for shells, made of the description of the commands: scripts that a shell reads, which ask nothing of
/// `earmark` while they complete.
namespace earmark::commands {

std::string bash_completions(const CLI::App& program);
std::string zsh_completions(const CLI::App& program);
std::string fish_completions(const CLI::App& program);

}  // namespace earmark::commands
