#pragma once

#include <functional>
#include <string>

#include "base/stop.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/make_store.hpp"
#include "earmark/features.hpp"
#include "earmark/segments.hpp"

namespace earmark::cli {

/// How to read a data set that is named on the command line.
struct DataOptions {
    FeatureOptions features;  ///< of a folder of audio; a store has its own
    SegmentOptions segments;
    int jobs = 0;
    bool quiet = false;
    const base::StopFlag* stop = nullptr;
};

/// Has a folder of genre folders of audio analyzed, with a progress bar, and reports warnings, the files left out, and the
/// folder that was taken where that is not `data`.
/// @param analyze  create_store or read_folder, with the options it is given
dataset::StoreSummary analyze_folder(
    const std::string& data, const DataOptions& options,
    const std::function<dataset::StoreSummary(const dataset::FolderOptions&)>& analyze);

/// Opens a store, or computes the features of a folder of genre folders of audio, with a progress bar. Files that had
/// to be left out are reported.
/// @param complete  set to false when a file had to be left out
/// @throws Error not_found, and as open_store and read_folder
dataset::FeatureStore read_data_set(const std::string& data, const DataOptions& options, bool& complete);

}  // namespace earmark::cli
