#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"
#include "formats/csv.hpp"

namespace earmark::dataset {

/// What a file says of the parts of tracks.
struct SplitList {
    std::vector<std::pair<const StoredTrack*, Part>> tracks;  ///< of the store
    std::vector<std::string> warnings;
};

/// The part that a list means: Earmark's word for it, or another that is in use.
std::optional<Part> listed_part(const std::string& text);

/// The column of the parts. @throws Error bad_data
std::size_t part_column(const formats::CsvTable& table);

/// Reads a list of tracks with their parts: a CSV file with the columns track (or filename), part and, if it likes,
/// genre. Names may be as TrackLookup takes them; parts may be called training, validation, val, dev and testing, too.
/// @throws Error bad_data when it contradicts itself or the store, or names tracks that the store lacks and may not
SplitList read_split_list(const std::filesystem::path& path, const FeatureStore& store, bool allow_missing);

/// Reads who plays each track: a CSV file with the columns track and artist. Tracks without an artist are left out.
/// @throws Error bad_data when it names the artist of no track of the store
std::unordered_map<const StoredTrack*, std::string> read_artists(const std::filesystem::path& path,
                                                                 const FeatureStore& store);

/// The first of some names, and how many more there are.
std::string some_of(const std::vector<std::string>& names);

}  // namespace earmark::dataset
