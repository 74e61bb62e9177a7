#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "library/index/tracks.hpp"

namespace earmark {

/// Files and how long they play.
struct Amount {
    std::int64_t files = 0;
    double seconds = 0.0;

    void add(const Song& song) {
        ++files;
        seconds += song.duration_seconds;
    }
};

/// What the files of one verdict come to.
struct GenreStatistics {
    std::string genre;
    Amount all;
    double probability = 0.0;  ///< mean
    Amount uncertain;
    /// Of those that are not uncertain, by what their tags say.
    Amount agrees;     ///< they name this genre
    Amount otherwise;  ///< they name genres, but not this one
    Amount untagged;   ///< they name none
};

/// How often files' tags and verdicts name the same genre.
struct Agreement {
    std::int64_t files = 0;
    std::int64_t agree = 0;
};

/// What the files whose tags name one genre were heard as.
struct TagStatistics {
    std::string tag;  ///< as most of them write it
    std::int64_t files = 0;
    std::map<std::string, std::int64_t> verdicts;  ///< files by genre
};

/// What a library comes to.
struct LibraryStatistics {
    Amount heard;
    std::int64_t failed = 0;
    std::int64_t gone = 0;
    std::int64_t untagged = 0;            ///< heard, without a genre tag
    std::vector<GenreStatistics> genres;  ///< of every genre that the models know; those of most files first
    Agreement tagged;                     ///< of the files whose tags name a genre
    Agreement known;                      ///< of those whose tags name a genre that the model knows
    Agreement known_sure;                 ///< of these, those that are not uncertain
    std::vector<TagStatistics> tags;      ///< those of most files first
};

/// Counts the entries asked for; `failed`, `gone`, `sort` and `limit` of `options` are not used. What failed and what
/// is gone has no verdict to be chosen by, so only folders and searches choose there.
/// @throws Error as each_song
LibraryStatistics library_statistics(Index& index, const ListOptions& options);

}  // namespace earmark
