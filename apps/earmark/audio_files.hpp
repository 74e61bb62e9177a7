#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "earmark/error.hpp"
#include "earmark/sink.hpp"

namespace earmark::commands {

/// The files to analyze: each path as it is, or, for a folder, the files in it and below, sorted by path. Hidden files and
/// files that are plainly no audio by their names are skipped in folders; links to folders are not followed. A file
/// that is named twice is analyzed once.
/// @param on_error  called for a path that is not there, cannot be read, or is a folder without audio
std::vector<std::filesystem::path> find_audio_files(const std::vector<std::string>& paths,
                                                    const Sink<const std::filesystem::path&, const Error&>& on_error);

}  // namespace earmark::commands
