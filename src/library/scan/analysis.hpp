#pragma once

#include <filesystem>
#include <optional>

#include "earmark/classifier.hpp"
#include "library/index/index.hpp"
#include "library/reading/track_reader.hpp"
#include "library/scan/scan_models.hpp"

namespace earmark::library {

/// A file to be looked at.
struct FileToAnalyze {
    std::filesystem::path path;
    /// What is known of its content, when the file has not changed since.
    std::optional<TrackContent> content;
    bool tags_current = false;          ///< whether the tags of that are as they are read now
    std::optional<std::int64_t> model;  ///< the one that names its genre now
};

/// Finds out what there is to be known of a file: whether it holds sound, its content and tags, and the predictions of
/// the models that have none on that content, on one decoding. Whatever goes wrong becomes the result's `error`.
/// @param options  with one thread or two
/// @param open     opens it, once
ScannedFile look_at(const FileToAnalyze& file, ScanModels& models, const ClassifyOptions& options,
                    const OpenTrack& open);

}  // namespace earmark::library
