#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dataset/feature_store.hpp"
#include "formats/csv.hpp"

namespace earmark::dataset {

/// Which columns of a table say what holds of a track, and from where on it holds.
struct LabelOptions {
    /// Names of the columns. One whose values are words says the label of each track, or several with semicolons
    /// between them; else each is a label, with 0 and 1 or shares. None: see track_labels.
    std::vector<std::string> columns;
    std::filesystem::path names;      ///< file of Mulan's that names the columns, in place of `columns`
    std::optional<double> cut = 0.5;  ///< least number at which a label holds; none: above the median of its column
    LabelGroup group = LabelGroup::other;  ///< what they name
};

/// The labels of some rows.
struct TrackLabels {
    std::vector<std::string> labels;  ///< in the order of the columns; of words by name
    Labelling labelling;
    std::vector<int> label;                        ///< of each row, where it has one
    std::vector<std::vector<std::uint8_t>> holds;  ///< of each row, where it may have several (StoredTrack::holds)
    std::vector<std::size_t> columns;              ///< of the table, that say so
    std::vector<std::string> warnings;             ///< a sentence each
};

/// The labels in the columns of a table that are asked for. Where none are: all columns but the track's in which each row
/// has a number from 0 to 1; else the column genre, label or class; else the only one there is.
/// @throws Error bad_data: no such column, rows without a value, fewer than two labels; not_found, unreadable, corrupt
///         of `names`
TrackLabels track_labels(const formats::CsvTable& table, const LabelOptions& options);

/// The number that a field holds, surrounding blanks left out; none when it holds no finite one.
std::optional<double> number_in(const std::string& field);

/// Tracks with their labels, from a file.
struct LabelList {
    std::vector<std::string> tracks;  ///< as the file names them
    TrackLabels labels;
};

/// Reads who has which labels: a CSV file with a column track (or filename), and others as track_labels takes them; or
/// one with a row a track that names it and then its labels, however many. These may stand in one field, too, with
/// semicolons between them.
/// @throws Error not_found, unreadable, corrupt; bad_data when it contradicts itself, and as track_labels
LabelList read_label_list(const std::filesystem::path& path, const LabelOptions& options);

}  // namespace earmark::dataset
