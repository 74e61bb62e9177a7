#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "files/walk.hpp"

namespace earmark::dataset {

/// A file of a data set, before anything of it is read.
struct TrackFile {
    std::filesystem::path path;
    std::string name;   ///< see find_tracks
    std::string genre;  ///< name of the genre folder
};

/// What a folder of genre folders holds.
struct TrackFolder {
    std::filesystem::path root;                ///< the folder of the genre folders
    std::vector<TrackFile> tracks;             ///< sorted by genre, then by path
    std::vector<files::FileFailure> failures;  ///< files outside the genre folders, folders that cannot be read
};

/// Lists a folder of genre folders, each searched to any depth. A folder above it that holds no other audio, such as the
/// `Data` of Kaggle's GTZAN, is taken for it when the names say so (`genres_original`, `audio` …).
/// Hidden files and folders, and files that are plainly
/// no audio by their names (pictures, texts, tables, playlists …), are skipped.
///
/// A track is named by its path within the genre folder without the extension ("blues.00000" for
/// blues/blues.00000.wav); where that is not unique, by its path within `folder` with the extension. Bytes that are not
/// UTF-8 stand as %XX.
/// @throws Error not_found, unreadable; no_audio when there is no file to analyze; bad_data when there is one genre
TrackFolder find_tracks(const std::filesystem::path& folder);

}  // namespace earmark::dataset
