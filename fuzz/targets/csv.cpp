#include "formats/csv.hpp"

#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// A table that was read is the same when it is written and read again.
void run_csv(Bytes bytes) {
    const formats::CsvTable table = formats::parse_csv(text_of(bytes), "fuzzed.csv");
    std::string text = formats::csv_line(table.header) + '\n';
    for (const std::vector<std::string>& row : table.rows) {
        require(row.size() == table.header.size(), "a row is shorter or longer than the header");
        text += formats::csv_line(row) + '\n';
    }
    const formats::CsvTable again = formats::parse_csv(text, "again.csv");
    require(again.header == table.header && again.rows == table.rows, "a table does not survive its writing");
    require(table.lines.size() == table.rows.size(), "a row without a line");
}

const Registration csv_target("csv", run_csv);

}  // namespace

}  // namespace earmark::fuzz
