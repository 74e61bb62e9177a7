#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earmark/classifier.hpp"
#include "earmark/sink.hpp"
#include "library/index/index.hpp"
#include "library/index/tracks.hpp"

namespace earmark::library {

/// What a model of many labels says of an entry.
struct HeardLabels {
    std::shared_ptr<const IndexedModel> model;
    std::vector<float> probabilities;  ///< one a label
    std::vector<float> embedding;
};

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
    std::string genre;                          ///< of the prediction; empty where it is no music
    double probability = 0.0;                   ///< of the genre
    std::optional<std::string> not_music;       ///< what it is, if it is no music, by whichever model
    std::vector<HeardLabels> heard;             ///< by models of many labels, in the order in which they came
    int excerpts = 0;                           ///< segments that the prediction is on; 0: all
    std::optional<std::int64_t> analyzed;       ///< when, in seconds since 1970; none by an older Earmark
    std::string error_code;                     ///< of one that failed, as to_string(ErrorCode)
    std::string error_message;
};

/// A label that holds of an entry.
struct HeldLabel {
    std::string label;
    LabelGroup group = LabelGroup::genre;
    float probability = 0.0F;
    std::shared_ptr<const IndexedModel> model;
};

/// The labels that hold of an entry by all models of many labels, most probable first; of those that are the same but
/// for their spelling the most probable alone. @param precise  as holding_labels
std::vector<HeldLabel> held_labels(const TrackDetails& entry, bool precise = false);

/// How probable a label is of an entry, by the model that finds it most probable; none when none knows it.
std::optional<float> label_probability(const TrackDetails& entry, const std::string& label);

/// The genre of an entry's prediction.
const std::string& genre_of(const TrackDetails& entry);

/// Whether the tags of an entry name a genre, and none that the prediction is part of.
bool disagrees(const TrackDetails& entry);

/// Calls `take` for each entry asked for, in order, one in memory at a time.
/// @throws Error bad_option for a genre that no model in the index knows; corrupt; as Database
void list(Index& index, const TrackQuery& options, const Sink<const TrackDetails&>& take);

}  // namespace earmark::library
