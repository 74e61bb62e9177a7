#pragma once

#include <CLI/CLI.hpp>
#include <string>

/// Completions for shells, made of the description of the commands: scripts that a shell reads. Their logic is in assets/;
/// the tables before it are generated. While a word is completed they ask `earmark completions --list` for names of genres,
/// artists, tags and models, and nothing else.
namespace earmark::commands {

std::string bash_completions(const CLI::App& program);
std::string zsh_completions(const CLI::App& program);
std::string fish_completions(const CLI::App& program);

}  // namespace earmark::commands
