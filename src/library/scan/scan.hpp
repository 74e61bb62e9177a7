#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/stop.hpp"
#include "earmark/sink.hpp"
#include "files/walk.hpp"
#include "library/index/index.hpp"
#include "library/reading/track_reader.hpp"

namespace earmark::library {

/// What to scan, and how.
struct ScanOptions {
    std::vector<std::filesystem::path> folders = {};  ///< or files
    /// The model files to analyze with, each once. The first that gives one label names the genres.
    std::vector<std::filesystem::path> models = {};
    files::WalkOptions walk = {};
    int excerpts = 0;             ///< segments to analyze of a file; 0: all (see ClassifyOptions::excerpts)
    int jobs = 0;                 ///< files to analyze at a time; 0: one a core
    bool retry = false;           ///< analyze files again that failed before, though they have not changed
    bool mark_missing = false;    ///< mark entries missing even where a whole folder is missing or empty
    OpenTrack open = open_track;  ///< opens each file that is looked at
};

/// What a scan is to tell while it is at work. All are called on the thread that scans, and may be left out.
struct ScanEvents {
    base::ProgressSink progress;
    Sink<const Error&> failed;  ///< a file or folder; the message names it
    Sink<const std::filesystem::path&, const std::vector<std::string>&> warned;
};

/// What came of a scan, in numbers of files.
struct ScanSummary {
    std::int64_t found = 0;  ///< in the folders, those that turned out to hold no sound included
    std::int64_t analyzed = 0;
    std::int64_t unchanged = 0;      ///< had been analyzed before and have not changed
    std::int64_t moved = 0;          ///< moved, renamed, or with other tags: known by their sound
    std::int64_t copies = 0;         ///< new files with the sound of one that is there
    std::int64_t missing = 0;        ///< marked as missing by this scan
    std::int64_t failed = 0;         ///< failed in this scan, folders included
    std::int64_t failed_before = 0;  ///< had failed before and have not changed
    double seconds = 0.0;            ///< that the scan took
    bool interrupted = false;        ///< ended by `stop`; what was done until then stands in the index

    std::int64_t files() const noexcept { return analyzed + unchanged + moved + copies + failed + failed_before; }
};

/// Brings an index up to date with folders of music: analyzes the files that are new or changed and those that
/// one of the models has not analyzed, with that model alone, on one decoding; knows those again that have moved or were given other tags, and marks those that are missing. A prediction
/// is in the index, for good, as soon as its file was analyzed. The caller holds the IndexLock.
///
/// With `excerpts`, new files are analyzed in part. Files of which fewer segments were analyzed than are asked for now
/// are analyzed again; those of which more or all were are left as they are.
///
/// An entry is missing when its file is no longer where it was. When one of the folders is missing or holds nothing any
/// more, its disk may not be mounted: this is a failure then and marks nothing, unless `mark_missing`.
/// @throws Error as load_model, Index and walk; bad_option
ScanSummary scan(Index& index, const ScanOptions& options, const ScanEvents& events = {},
                 const base::StopFlag* stop = nullptr);

}  // namespace earmark::library
