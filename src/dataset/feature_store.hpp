#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "earmark/features.hpp"
#include "earmark/model.hpp"
#include "earmark/segments.hpp"

namespace earmark::dataset {

/// A track of a store. Its segments follow one another.
struct StoredTrack {
    std::string name;  ///< unique in the store
    int label = 0;     ///< index of its label, where each track has one
    std::int64_t first_segment = 0;
    std::int64_t segments = 0;  ///< at least one
    std::int64_t copy_of = -1;  ///< index of the first track that is the same recording; -1: none, or not looked for
    bool equal_copy = false;    ///< of a copy: whether its features are those of another bit by bit
    /// Where a track may have any number of labels: 1 for each label that holds, 0 for the others; else empty.
    std::vector<std::uint8_t> holds = {};
};

/// What the labels of tracks are.
struct Labelling {
    bool many = false;                     ///< whether a track may have any number of labels, rather than one
    LabelGroup group = LabelGroup::genre;  ///< what the labels name

    bool operator==(const Labelling&) const = default;
};

/// Where a segment lies in its track, in seconds.
struct SegmentTime {
    double start = 0.0;
    double end = 0.0;
};

/// The features of a collection, segment by segment, with their genres: what networks learn from and are judged on.
///
/// On disk a store is a folder of these files:
/// - `features.npy`: 32-bit floats, segments × frames × coefficients;
/// - `index.csv`: a row a segment, in the order of the array: segment (0, 1, 2 …), track, genre, start_seconds,
///   end_seconds; without the genre where a track may have several labels;
/// - `options.json`: {"format": 1, "features": {…}, "segments": {…}, "labels": […]}, the options under the names of
///   their fields, the genres in the order of their indices; "format": 2 with "many_labels": true and "label_group"
///   where a track may have several;
/// - `labels.csv`, in this case only: a row a track: track, and labels, the indices of those that hold, with blanks
///   between them;
/// - `tracks.csv`: a row a track: track, sound (16 hexadecimal digits), copy_of and copy (equal or near), for tracks that
///   are a recording which is there already. Stores of earlier versions have no such file.
///
/// Silent segments (Segment::silent) are not part of a store: they say nothing of genre.
struct FeatureStore {
    FeatureOptions features;
    SegmentOptions segments;
    std::vector<std::string> labels;  ///< at least two
    std::vector<StoredTrack> tracks;
    std::vector<SegmentTime> times;  ///< one a segment
    std::vector<float> values;       ///< segments × frames × coefficients, all finite
    bool copies_known = false;       ///< whether recordings that are there twice were looked for
    Labelling labelling = {};

    std::int64_t segment_count() const noexcept;
    /// Values of a segment: frames × coefficients.
    std::size_t segment_size() const;
    std::span<const float> segment(std::int64_t index) const;
    /// The label of each segment, where each track has one.
    std::vector<int> segment_labels() const;
    /// Whether a label holds of a track, however many a track may have.
    bool holds(const StoredTrack& track, std::size_t label) const;
    /// The labels of a track, with semicolons between them.
    std::string label_text(const StoredTrack& track) const;
    /// The index in `tracks` of each segment.
    std::vector<int> segment_tracks() const;
    /// 16 hexadecimal digits that change with the tracks, their genres and their values: FNV-1a, 64 bits.
    std::string fingerprint() const;
    /// The same, but it changes with which tracks are copies, too: what decides how the data are parted.
    std::string split_fingerprint() const;
    /// The values of a track: its segments, one after the other.
    std::span<const float> track_values(const StoredTrack& track) const;
    bool has_copies() const;
};

/// The same tracks, each recording with a label of its own, the name of its first track: what a network learns from that
/// tells tracks apart.
FeatureStore labelled_by_track(FeatureStore store);

/// Whether `path` is the folder of a store, as opposed to a folder of audio.
bool is_store(const std::filesystem::path& path);

/// Reads a store, checking that its three files agree.
/// @throws Error not_found, unreadable, corrupt, bad_data, unsupported (written by a newer version)
FeatureStore open_store(const std::filesystem::path& folder);

}  // namespace earmark::dataset
