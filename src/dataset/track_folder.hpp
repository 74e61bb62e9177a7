#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/labels/track_labels.hpp"
#include "files/walk.hpp"

namespace earmark::dataset {

/// A file of a data set, before anything of it is read.
struct TrackFile {
    std::filesystem::path path;
    std::string name;                      ///< see find_tracks
    std::string genre;                     ///< name of the genre folder, or the label that a list says
    std::vector<std::uint8_t> holds = {};  ///< see StoredTrack::holds
};

/// What a folder of genre folders holds.
struct TrackFolder {
    std::filesystem::path root;                ///< the folder of the genre folders
    std::vector<TrackFile> tracks;             ///< sorted by genre, then by path
    std::vector<files::FileFailure> failures;  ///< files outside the genre folders, folders that cannot be read
    std::vector<std::string> labels = {};      ///< of a list; empty: the genres of the tracks
    Labelling labelling = {};
    std::vector<std::string> warnings = {};  ///< a sentence each
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

/// The tracks of a folder, searched to any depth, that a list of labels names. A track is named by its path within
/// `folder` without the extension, or with it where that is not unique. The list may name it by more or fewer folders, with
/// or without the extension, as long as it is plain which file is meant.
/// @throws Error not_found, unreadable; bad_data when the list names no file of the folder; as read_label_list
TrackFolder find_labelled_tracks(const std::filesystem::path& folder, const std::filesystem::path& list,
                                 const LabelOptions& options);

}  // namespace earmark::dataset
