#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earmark/classifier.hpp"
#include "library/index/index.hpp"
#include "library/index/tracks.hpp"

namespace earmark::library {

/// An entry of an index with all that is known of it.
struct TrackDetails {
    std::int64_t id = 0;  ///< number of the file in the index
    std::filesystem::path path;
    files::FileStamp stamp;
    FileState state = FileState::analyzed;
    std::optional<std::int64_t> missing;        ///< when it was found to be missing, in seconds since 1970
    std::optional<TrackContent> content;        ///< hash and tags
    std::vector<std::string> tag_genres;        ///< of its tags, as the query has them understood
    std::shared_ptr<const IndexedModel> model;  ///< what the prediction is by
    std::optional<Prediction> prediction;       ///< of a file that was analyzed
    int excerpts = 0;                           ///< segments that the prediction is on; 0: all
    std::optional<std::int64_t> analyzed;       ///< when, in seconds since 1970; none by an older Earmark
    std::string error_code;                     ///< of one that failed, as to_string(ErrorCode)
    std::string error_message;
};

/// The label of an entry's prediction.
const std::string& genre_of(const TrackDetails& entry);

/// Whether the tags of an entry name a genre, and none that the prediction is part of.
bool disagrees(const TrackDetails& entry);

/// Calls `take` for each entry asked for, in order, one in memory at a time.
/// @throws Error bad_option for a genre that no model in the index knows; corrupt; as Database
void list(Index& index, const TrackQuery& options, const std::function<void(const TrackDetails&)>& take);

}  // namespace earmark::library
