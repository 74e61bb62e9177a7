#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dataset/labels/track_labels.hpp"
#include "dataset/make_store.hpp"

namespace earmark::dataset {

/// What is taken from a table of numbers.
struct TableOptions {
    LabelOptions labels;
    std::vector<std::string>
        feature_columns;       ///< numbers to learn from; none: all columns of numbers that are no label
    std::string track_column;  ///< names of the tracks; empty: a column track, or the numbers of the rows
};

/// Whether a file is a table of numbers, by its name: .csv, .tsv or .arff.
bool is_table(const std::filesystem::path& path);

/// Makes a store of a table of numbers, an ARFF or a CSV file with a row a track: a segment a track, of one frame, with a
/// coefficient a column (FeatureOptions::kind table). No sound is needed, and none can be judged by what is learned of it.
///
/// In an ARFF file the labels are the attributes that the options name, in words or by a file of Mulan's; else those that
/// a file NAME.xml beside it names; else those that MEKA counts in the relation's name ("-C 6"). In a CSV file they are as
/// track_labels says.
/// @throws Error bad_data: columns that are not there or hold no numbers, rows that lack a number, two tracks of one name;
///         not_found, unreadable, corrupt, cannot_write
StoreSummary import_table(const std::filesystem::path& table, const std::filesystem::path& output,
                          const TableOptions& options);

}  // namespace earmark::dataset
