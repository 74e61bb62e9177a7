#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.hpp"
#include "base/stop.hpp"
#include "dataset/copies.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/labels/track_labels.hpp"
#include "dataset/track_folder.hpp"

namespace earmark::dataset {

/// What became of the files of a data set.
struct StoreSummary {
    std::filesystem::path root;  ///< the folder of genre folders that was taken, which may lie below the one given
    std::vector<std::string> labels;
    std::int64_t tracks = 0;
    std::int64_t segments = 0;
    std::int64_t silent_segments = 0;  ///< left out
    double seconds = 0.0;              ///< of audio in the tracks
    std::vector<files::FileFailure>
        failures;  ///< files left out: corrupt, too short, silent throughout, outside the genre folders
    std::vector<files::FileFailure> warnings;  ///< what was odd about files that were used; `code` has no meaning
    std::vector<TrackCopy> copies;             ///< tracks whose recording is there already
    bool many_labels = false;                  ///< whether a track may have several labels
};

/// How to go through a folder.
struct FolderOptions {
    FeatureOptions features;
    SegmentOptions segments;
    int jobs = 0;                 ///< files at a time; 0: one a core
    base::ProgressSink progress;  ///< of files; called on the thread that started the work
    const base::StopFlag* stop = nullptr;
    std::filesystem::path label_list = {};  ///< says which labels the tracks have; empty: the genre folders do
    LabelOptions labels = {};               ///< of `label_list`
};

/// Computes the features of a folder of genre folders (see find_tracks) and writes them to `output` as a store. Tracks
/// go to disk in order as they are done; memory holds those of a few. A file that cannot be used is left out and
/// reported; a genre all of whose files are left out is no label. Until all is written there is no `output`.
/// @throws Error no_audio, bad_data (fewer than two genres), bad_option, cannot_write, interrupted (by `stop`)
StoreSummary create_store(const std::filesystem::path& folder, const std::filesystem::path& output,
                          const FolderOptions& options);

/// The same, into memory: equal to opening the store that create_store writes.
std::pair<FeatureStore, StoreSummary> read_folder(const std::filesystem::path& folder, const FolderOptions& options);

/// The order of an array's axes: time before coefficients, or the other way round, as images are often stored.
enum class ArrayLayout {
    columns_first,       ///< tracks × columns × coefficients
    coefficients_first,  ///< tracks × coefficients × columns
};

/// Makes a store of features computed elsewhere: `array`, a .npy file laid out as `layout` says, and `index`, a CSV
/// file with the columns "track" (or "filename") and "genre" (or "label") and a row for each track of the array. Genres
/// that differ in upper and lower case, blanks and hyphens only are one, with a warning. A track's columns are one block
/// (see SegmentOptions): segment k takes those from k · frames on, and what is left after segments_per_block segments
/// is dropped. Bytes are quantised values: with the columns "min_db" and "range_db" of the index, v stands for min_db +
/// range_db · (v + 0.5) / 256.
/// @throws Error not_found, unreadable, corrupt, unsupported, bad_data, bad_option, cannot_write
StoreSummary import_store(const std::filesystem::path& array, const std::filesystem::path& index,
                          const std::filesystem::path& output, const FeatureOptions& features,
                          const SegmentOptions& segments, ArrayLayout layout = ArrayLayout::columns_first);

}  // namespace earmark::dataset
