#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace earmark::formats {

/// A table read from comma-separated values (RFC 4180): quoted fields may hold commas, doubled quotes and line breaks;
/// lines may end with LF, CRLF or CR, the last one with nothing; a UTF-8 byte-order mark and rows without a single value
/// are skipped. The first row names the columns. Where it has semicolons or tabs and no commas, these separate the
/// values, as in what spreadsheets write; a line "sep=;" before it says which.
struct CsvTable {
    std::string where;  ///< the file, for messages
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;  ///< as many fields each as `header`
    std::vector<std::size_t> lines;              ///< of each row: the line on which it starts, from 1

    /// Index of a column. @throws Error bad_data when there is none of that name
    std::size_t column(std::string_view name) const;
    /// The same, or -1.
    std::ptrdiff_t find_column(std::string_view name) const noexcept;
};

/// @throws Error corrupt, naming `where` and the line: rows of unequal length, a quote without an end, two columns of
///         one name, no header
CsvTable parse_csv(std::string_view text, std::string where);

/// @throws Error not_found, unreadable, corrupt
CsvTable read_csv(const std::filesystem::path& path);

/// One row, quoted where needed, without a line end.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace earmark::formats
