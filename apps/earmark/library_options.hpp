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

/// Adds the options that say how the genres of tags are understood. `settings` must outlive the parsing.
void add_genre_settings(CLI::App& command, library::GenreSettings& settings);

/// Adds the earlier spelling of a flag, which still works, but which help does not show.
CLI::Option* add_old_flag(CLI::App& command, const std::string& name, bool& value);

/// What a track is called in tables: "artist – title" where its tags say so, else the end of its path.
std::string track_name(const std::string& artist, const std::string& title, const std::filesystem::path& path);

/// Where the index is that is named `given`, or is the user's when that is empty.
/// @throws Error not_found when there is none
std::filesystem::path existing_index(const std::string& given);

/// Opens that index.
library::Index open_index(const std::string& given);

/// Whether an index has no entry at all.
bool is_empty(library::Index& index);

/// Keeps others from changing an index. With `wait` waits for another process that does, and says so unless `quiet`.
/// @throws Error as IndexLock
library::IndexLock lock_index(const std::filesystem::path& index, bool wait, bool quiet, const base::StopFlag& stop);

}  // namespace earmark::commands
