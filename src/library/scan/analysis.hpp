#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "earmark/classifier.hpp"
#include "library/index/index.hpp"
#include "library/reading/track_reader.hpp"

namespace earmark::library {

/// The contents of which there are predictions already. Thread-safe.
class KnownContents {
  public:
    explicit KnownContents(Digests digests) : digests_(std::move(digests)) {}

    bool contains(const files::ContentHash::Digest& digest) const;
    /// @return whether it is new
    bool add(const files::ContentHash::Digest& digest);

  private:
    mutable std::mutex mutex_;
    Digests digests_;
};

/// A file to be looked at.
struct FileToAnalyze {
    std::filesystem::path path;
    /// What is known of its content, when the file has not changed since.
    std::optional<TrackContent> content;
    bool tags_current = false;  ///< whether the tags of that are as they are read now
};

/// Finds out what there is to be known of a file: whether it holds sound, its content and tags, and, unless there is a
/// prediction on that content, the prediction. Whatever goes wrong becomes the result's `error`.
/// @param options  with one thread or two
/// @param open     opens it, once
ScannedFile look_at(const FileToAnalyze& file, const Classifier& classifier, const KnownContents& known,
                    const ClassifyOptions& options, const OpenTrack& open);

}  // namespace earmark::library
