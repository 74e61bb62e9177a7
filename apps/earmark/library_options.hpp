#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "base/parallel.hpp"
#include "library/index/index.hpp"
#include "library/index/index_file.hpp"
#include "library/index/tracks.hpp"

/// What the commands on the index of a music library share.
namespace earmark::commands {

/// Adds the options that choose entries of the index. `options` must outlive the parsing.
void add_search_options(CLI::App& command, library::TrackQuery& options);

/// Where the index is that is named `given`, or is the user's when that is empty.
/// @throws Error not_found when there is none
std::filesystem::path existing_index(const std::string& given);

/// Opens that index.
library::Index open_index(const std::string& given);

/// Keeps others from changing an index. With `wait` waits for another process that does, and says so unless `quiet`.
/// @throws Error as IndexLock
library::IndexLock lock_index(const std::filesystem::path& index, bool wait, bool quiet, const base::StopFlag& stop);

}  // namespace earmark::commands
