#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earmark/sink.hpp"
#include "files/content_hash.hpp"
#include "library/index/index.hpp"
#include "library/index/indexed_models.hpp"
#include "library/tags/genre_tags.hpp"

namespace earmark::library {

/// An entry of an index in brief: what it takes to choose it, without the course of its segments.
struct Track {
    std::int64_t file = 0;  ///< its number in the index; 0: none of the index
    std::filesystem::path path = {};
    std::optional<files::ContentHash::Digest> content = {};
    std::vector<std::string> tag_genres = {};  ///< this and the next two by the file's tags
    std::string artist = {};
    std::string title = {};
    std::string not_music = {};                      ///< what it is, if it is no music: then it has no genre
    std::shared_ptr<const IndexedModel> model = {};  ///< what the prediction is by; null when there is none
    std::string genre = {};                          ///< this and the next three of the prediction
    double probability = 0.0;
    bool uncertain = false;
    double duration_seconds = 0.0;
    /// Of the labels that a query asked for, the least probability, or that of the one it is sorted by.
    std::optional<double> label_probability = {};
};

/// Whether the tags of a track name a genre, and none that the prediction is part of.
bool disagrees(const Track& track);

enum class SortBy {
    path,
    genre,        ///< by name; the most probable first of each
    probability,  ///< the most probable first
    duration,     ///< the longest first
    label,        ///< by the probability of `sort_label`, the most probable first
};

/// Which entries of an index to take. All that is asked for must hold.
struct TrackQuery {
    std::vector<std::string> genres = {};             ///< with one of these predictions; empty: all
    double minimum_probability = 0.0;                 ///< of the prediction
    std::vector<std::string> labels = {};             ///< all of which hold; names as label_key compares them
    std::vector<std::string> moods = {};              ///< the same among moods
    std::vector<std::string> without = {};            ///< none of which holds
    bool not_music = false;                           ///< only what is no music
    bool uncertain = false;                           ///< only those that the model is not sure enough of
    bool disagree = false;                            ///< only those whose tags name another genre
    bool failed = false;                              ///< those that could not be analyzed instead of those that were
    bool missing = false;                             ///< those that are missing instead of those that are there
    std::vector<std::filesystem::path> folders = {};  ///< only what lies at one of these paths or below; empty: all
    std::string search = {};     ///< each word of it occurs in the path, artist, title or genres of the tags
    std::string artist = {};     ///< each word of it occurs in the artist
    GenreSettings tags = {};     ///< how the genres of tags are understood
    SortBy sort = SortBy::path;  ///< equal ones by path
    std::string sort_label = {};
    std::optional<std::int64_t> model = {};  ///< whose predictions are meant; none: those that name the genres
    std::int64_t limit = 0;                  ///< no more than so many; 0: all
};

/// Calls `take` for each entry asked for, in order. In searches, neither case nor accents make a difference.
/// @throws Error bad_option for a genre or a label that no model in the index knows; corrupt; as Database
void for_each_track(Index& index, const TrackQuery& options, const Sink<Track&&>& take);

}  // namespace earmark::library
