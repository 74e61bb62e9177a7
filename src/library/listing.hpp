#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio/content.hpp"
#include "earmark/classifier.hpp"
#include "library/index.hpp"

namespace earmark {

/// A model as an index knows it.
struct IndexedModel {
    std::string fingerprint;  ///< hash of its file
    std::string name;
    std::vector<std::string> labels;
};

/// An entry of an index with all that is known of it.
struct Entry {
    std::int64_t id = 0;  ///< number of the file in the index
    std::filesystem::path path;
    FileStamp stamp;
    FileState state = FileState::heard;
    std::optional<std::int64_t> gone;           ///< when it was found to be gone, in seconds since 1970
    std::optional<AudioContent> content;        ///< hash and tags
    std::shared_ptr<const IndexedModel> model;  ///< what the verdict is by
    std::optional<Verdict> verdict;             ///< of a file that was heard
    std::string error_code;                     ///< of one that failed, as to_string(ErrorCode)
    std::string error_message;
};

/// The label of an entry's verdict.
const std::string& genre_of(const Entry& entry);

/// Whether the tags of an entry name a genre, and none that the verdict is part of.
bool disagrees(const Entry& entry);

enum class SortBy {
    path,
    genre,        ///< by name; the most probable first of each
    probability,  ///< the most probable first
    duration,     ///< the longest first
};

/// Which entries to list.
struct ListOptions {
    std::vector<std::string> genres = {};              ///< with one of these verdicts; empty: all
    double minimum_probability = 0.0;                  ///< of the verdict
    bool uncertain = false;                            ///< only those that the model is not sure enough of
    bool disagree = false;                             ///< only those whose tags name another genre
    bool failed = false;                               ///< those that could not be heard instead of those that were
    bool gone = false;                                 ///< those that are gone instead of those that are there
    std::optional<std::filesystem::path> folder = {};  ///< only what lies here or below
    SortBy sort = SortBy::path;                        ///< equal ones by path
    std::int64_t limit = 0;                            ///< no more than so many; 0: all
};

/// Calls `take` for each entry asked for, in order, one in memory at a time.
/// @throws Error bad_option for a genre that no model in the index knows; corrupt; as Database
void list(Index& index, const ListOptions& options, const std::function<void(const Entry&)>& take);

}  // namespace earmark
