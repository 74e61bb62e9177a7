#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "library/index/tracks.hpp"

namespace earmark::library {

/// Files and how long they play.
struct Totals {
    std::int64_t files = 0;
    double seconds = 0.0;

    void add(const Track& track) {
        ++files;
        seconds += track.duration_seconds;
    }
};

/// What the files of one prediction come to.
struct GenreStatistics {
    std::string genre;
    Totals all;
    double probability = 0.0;  ///< mean
    Totals uncertain;
    /// Of those that are not uncertain, by what their tags say.
    Totals agrees;     ///< they name this genre
    Totals otherwise;  ///< they name genres, but not this one
    Totals untagged;   ///< they name none
};

/// How often files' tags and predictions name the same genre.
struct Agreement {
    std::int64_t files = 0;
    std::int64_t agree = 0;
};

/// What the files whose tags name one genre were analyzed as.
struct TagStatistics {
    std::string tag;  ///< as most of them write it
    std::int64_t files = 0;
    std::map<std::string, std::int64_t> predictions;  ///< files by genre
};

/// What a library comes to.
struct LibraryStatistics {
    Totals analyzed;
    std::int64_t failed = 0;
    std::int64_t missing = 0;
    std::int64_t untagged = 0;            ///< analyzed, without a genre tag
    std::vector<GenreStatistics> genres;  ///< of every genre that the models know; those of most files first
    Agreement tagged;                     ///< of the files whose tags name a genre
    Agreement known;                      ///< of those whose tags name a genre that the model knows
    Agreement known_sure;                 ///< of these, those that are not uncertain
    std::vector<TagStatistics> tags;      ///< those of most files first
};

/// Counts the entries asked for; `failed`, `missing`, `sort` and `limit` of `options` are not used. What failed and what
/// is missing has no prediction to be chosen by, so only folders and searches choose there.
/// @throws Error as for_each_track
LibraryStatistics library_statistics(Index& index, const TrackQuery& options);

}  // namespace earmark::library
