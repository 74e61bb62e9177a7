#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/make_store.hpp"
#include "dataset/store_writer.hpp"
#include "dataset/track_folder.hpp"

namespace earmark::dataset {

/// What one file yields: segments, or the reason why not.
struct AnalyzedTrack {
    std::vector<SegmentTime> times;
    std::vector<float> values;
    std::int64_t silent = 0;
    double seconds = 0.0;
    std::vector<std::string> warnings;
    std::optional<files::FileFailure> failure;
};

/// @throws Error interrupted
[[noreturn]] void stopped_reading(const std::filesystem::path& folder);

/// The files of a folder of genre folders, or those that the options' list of labels names.
TrackFolder find_files(const std::filesystem::path& folder, const FolderOptions& options);

/// Adds a track to a store, with one label or with many.
void add_track(StoreWriter& writer, bool many_labels, const TrackFile& file, const AnalyzedTrack& track);

/// Has all files of `found` analyzed on several threads, and hands the tracks to `take`, in order, on this one.
/// @param spare  threads that no file is left for
/// @throws Error no_audio, bad_data: fewer than two labels are left; interrupted
StoreSummary analyze_files(const std::filesystem::path& folder, TrackFolder found, const FolderOptions& options,
                           base::SpareThreads& spare, const std::function<AnalyzedTrack(const TrackFile&)>& analyze,
                           const std::function<void(const TrackFile&, AnalyzedTrack&)>& take);

}  // namespace earmark::dataset
