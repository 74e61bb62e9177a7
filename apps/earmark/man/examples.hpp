#pragma once

#include <string>
#include <vector>

#include "cli/description.hpp"

namespace earmark::commands {

/// A command line with a description.
struct Example {
    std::string purpose;
    std::string line;
};

/// Examples of a command for its man page; of the program with an empty path.
std::vector<Example> examples_of(const cli::CommandPath& path);

/// A settings file, for the man page about it.
extern const char* const settings_example;

}  // namespace earmark::commands
