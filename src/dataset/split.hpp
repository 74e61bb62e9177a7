#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/enum_names.hpp"
#include "dataset/feature_store.hpp"

namespace earmark::dataset {

/// What a segment is used for.
enum class Part : std::uint8_t { none, train, valid, test };

/// The names of the parts in options and files.
constexpr auto enum_table(Part) {
    return std::array{base::EnumName{Part::train, "train"}, base::EnumName{Part::valid, "valid"},
                      base::EnumName{Part::test, "test"}};
}

/// Ways of parting a data set.
enum class SplitKind : std::uint8_t {
    random_tracks,  ///< each track is on one side, by chance
    /// The tracks are dealt into `folds` folds; fold `fold` is for testing, the next one for validation, the rest for
    /// training.
    k_fold,
    /// As a file with the columns track, genre and part (train, valid or test) says. Tracks that it leaves out are in no
    /// part.
    csv,
    /// The same for testing; the tracks of its other parts are dealt into `folds` folds, of which `fold` is for
    /// validation, the rest for training.
    csv_folds,
    /// Each segment is on one side, by chance, so that one track has segments on several sides. What is measured so is
    /// not what an unheard track would get; Split::leaky says so.
    random_segments,
};

/// The names of the kinds in options and files.
constexpr auto enum_table(SplitKind) {
    return std::array{base::EnumName{SplitKind::random_tracks, "random-tracks"},
                      base::EnumName{SplitKind::k_fold, "k-fold"}, base::EnumName{SplitKind::csv, "csv"},
                      base::EnumName{SplitKind::csv_folds, "csv-folds"},
                      base::EnumName{SplitKind::random_segments, "random-segments"}};
}

/// Whether a way of parting reads a file that names the part of each track.
constexpr bool takes_file(SplitKind kind) noexcept {
    return kind == SplitKind::csv || kind == SplitKind::csv_folds;
}

/// How a data set is parted.
///
/// With `groups`, a file with the columns track and artist, no artist is on two sides (`random_tracks`, `k_fold`) or in
/// two folds (`csv_folds`); a track without an artist, or that the file does not name, counts as an artist of its own.
///
/// Tracks that are one recording (StoredTrack::copy_of) are on one side, but for `random_segments`: copies go where the
/// first of them by name goes. Where a file says otherwise, testing goes before validation and both before training: the
/// copies that this leaves without a side are in no part, and Split::warnings names them. Data without copies are parted
/// as if nobody had looked for any.
///
/// All but `csv` are stratified: each genre is parted alike, as far as whole artists allow; where a track may have
/// several labels, each label is (`stratify`), but for `random_segments`. They depend on nothing but
/// the names of tracks, genres and artists, the numbers of segments and the seed: the same on every machine, whatever
/// the order in the store.
struct SplitOptions {
    SplitKind kind = SplitKind::random_tracks;
    double valid_fraction = 0.15;  ///< of each genre, for the two random kinds
    double test_fraction = 0.25;   ///< of each genre, for the two random kinds
    int folds = 10;                ///< at least 3; 2 for `csv_folds`
    int fold = 0;                  ///< 0 … folds-1
    std::filesystem::path csv;
    std::filesystem::path groups;  ///< who plays each track; empty: each track for itself
    bool allow_missing = false;    ///< whether `csv` may name tracks that the store lacks
    bool no_validation = false;    ///< whether what would be for validation is for training
    std::uint64_t seed = 0;
    /// Whether copies stay together. make_split says so of data that have copies; a split that was recorded before copies
    /// were looked for says false.
    std::optional<bool> whole_recordings = {};
};

/// A data set, parted.
struct Split {
    SplitOptions options;
    bool leaky = false;                 ///< one track may be on several sides
    std::vector<Part> parts;            ///< one a segment
    std::string description;            ///< for people, in one line
    std::vector<std::string> warnings;  ///< a sentence each

    /// Segments of a part, in order.
    std::vector<std::int64_t> segments(Part part) const;
};

/// @throws Error bad_option (options out of range), bad_data (a CSV that does not fit the store, too few tracks),
///         not_found, unreadable, corrupt
Split make_split(const FeatureStore& store, const SplitOptions& options);

/// Names of the tracks with a segment in `part`, in the order of the store.
std::vector<std::string> tracks_of(const FeatureStore& store, const Split& split, Part part);

/// The options that matter for the kind, under the names of their fields.
nlohmann::json to_json(const SplitOptions& options);
/// @throws Error corrupt, naming `where`
SplitOptions split_options(const nlohmann::json& json, const std::string& where);

}  // namespace earmark::dataset
