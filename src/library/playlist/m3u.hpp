#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "library/playlist/playlist.hpp"

namespace earmark::library {

/// The text of a playlist file.
struct M3u {
    std::string text;
    std::vector<std::filesystem::path> left_out;  ///< paths with a line break, which the format cannot express
};

/// Writes extended M3U8: a line with length, artist and title of each track, in UTF-8, then one with its path, byte for
/// byte as the system has it.
/// @param folder  base of relative paths, with links resolved; none: paths are absolute
M3u make_m3u(const Playlist& playlist, const std::string& name, const std::optional<std::filesystem::path>& folder);

}  // namespace earmark::library
