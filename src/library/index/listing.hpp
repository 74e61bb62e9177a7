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
#include "library/index/index.hpp"
#include "library/index/tracks.hpp"

namespace earmark {

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

/// Calls `take` for each entry asked for, in order, one in memory at a time.
/// @throws Error bad_option for a genre that no model in the index knows; corrupt; as Database
void list(Index& index, const ListOptions& options, const std::function<void(const Entry&)>& take);

}  // namespace earmark
