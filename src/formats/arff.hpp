#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv.hpp"

namespace earmark::formats {

/// A relation in Weka's attribute-relation file format (https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/),
/// in which Mulan and MEKA keep their data: numbers, nominal values and texts, dense or sparse rows, comments, quotes,
/// weights of rows. A missing value ("?") is an empty field.
struct ArffRelation {
    std::string name;
    CsvTable table;             ///< the attributes are its columns; in sparse rows what is left out is filled in
    std::vector<bool> numeric;  ///< of each attribute: numeric, real or integer
};

/// @throws Error corrupt, naming `where` and the line: no attribute, two of one name, rows of another length, values
///         that their attribute does not have; unsupported for relational attributes
ArffRelation parse_arff(std::string_view text, std::string where);

/// @throws Error not_found, unreadable, corrupt, unsupported
ArffRelation read_arff(const std::filesystem::path& path);

/// The names of the labels in a file of Mulan's, `<label name="…">`, in order, whatever lies between them.
/// @throws Error corrupt, naming `where`: no label, or one without an end
std::vector<std::string> parse_mulan_labels(std::string_view text, const std::string& where);

/// @throws Error not_found, unreadable, corrupt
std::vector<std::string> read_mulan_labels(const std::filesystem::path& path);

}  // namespace earmark::formats
