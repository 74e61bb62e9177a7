#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace earmark::formats {

/// Comma-separated values of which each row may have another length, the first row like the others. For the rest as
/// CsvTable.
struct CsvRows {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::size_t> lines;  ///< of each row: the line on which it starts, from 1
};

/// @throws Error not_found, unreadable, corrupt
CsvRows read_csv_rows(const std::filesystem::path& path);

}  // namespace earmark::formats
