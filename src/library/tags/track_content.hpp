#pragma once

#include <filesystem>
#include <optional>

#include "files/content_hash.hpp"
#include "library/tags/track_tags.hpp"

namespace earmark::library {

/// What makes a track known again, and what its tags say.
struct TrackContent {
    files::ContentHash::Digest hash{};  ///< of the sound, as AudioContent::hash
    TrackTags tags;
};

/// What the tags of an open file say; none where Earmark has no reader of such files (Matroska, …), or gives up on theirs.
/// @throws Error unreadable
std::optional<TrackTags> read_track_tags(int descriptor);

/// @throws Error not_found, unreadable
std::optional<TrackTags> read_track_tags(const std::filesystem::path& file);

/// Reads a file through once, without decoding it, and its tags; those that Earmark does not read itself are FFmpeg's.
/// @throws Error as audio::read_content
TrackContent read_track_content(const std::filesystem::path& file);

}  // namespace earmark::library
