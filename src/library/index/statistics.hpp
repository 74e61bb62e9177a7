#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "library/index/tracks.hpp"

namespace earmark::library {

/// A number of files and their duration.
struct Totals {
    std::int64_t files = 0;
    double seconds = 0.0;

    void add(const Track& track) {
        ++files;
        seconds += track.duration_seconds;
    }
};

/// The files with one prediction.
struct GenreStatistics {
    std::string genre;
    Totals all;
    double probability = 0.0;  ///< mean
    Totals uncertain;
    /// Of the certain predictions, by the tags of their files.
    Totals agrees;     ///< tags that name this genre
    Totals otherwise;  ///< tags that name only other genres
    Totals untagged;   ///< no genre in the tags
};

/// How often files' tags and predictions name the same genre.
struct Agreement {
    std::int64_t files = 0;
    std::int64_t agree = 0;
};

/// The predictions of the files whose tags name one genre.
struct TagStatistics {
    std::string tag;  ///< in its most frequent spelling
    std::int64_t files = 0;
    std::map<std::string, std::int64_t> predictions;  ///< files by genre
};

/// The files of which a label holds by a model of many labels.
struct LabelStatistics {
    std::string label;
    LabelGroup group = LabelGroup::other;
    Totals all;
};

/// Totals of a library.
struct LibraryStatistics {
    Totals analyzed;
    std::int64_t failed = 0;
    std::int64_t missing = 0;
    Totals not_music;                     ///< of the analyzed ones, those that have no genre
    std::int64_t untagged = 0;            ///< analyzed music, without a genre tag
    std::vector<GenreStatistics> genres;  ///< of every genre that the models know; those of most files first
    Agreement tagged;                     ///< of the files whose tags name a genre
    Agreement known;                      ///< of those whose tags name a genre that the model knows
    Agreement known_sure;                 ///< of these, those that are not uncertain
    std::vector<TagStatistics> tags;      ///< those of most files first
    std::vector<LabelStatistics> labels;  ///< the same
};

/// Counts the selected entries; `failed`, `missing`, `sort` and `limit` of `options` are not used. Failed and missing files
/// have no prediction, so only folders and searches select among them.
/// @throws Error as for_each_track
LibraryStatistics library_statistics(Index& index, const TrackQuery& options);

}  // namespace earmark::library
