#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/output/output_options.hpp"

/// The results of a command: records with the same columns, whether they are written as a table for people, as CSV or
/// as JSON Lines.
namespace earmark::cli {

/// What a column holds, and so how it is written: in a table, and as CSV.
enum class ColumnKind {
    text,
    path,         ///< shortened where a table must fit the window
    integer,      ///< 1234
    number,       ///< with `decimals`
    probability,  ///< "93 %"; 0.9312
    duration,     ///< "3:07"; 187.041
    flag,         ///< "yes" or nothing; true or false
    json,         ///< any value, for JSON alone
};

/// What happens to a column if the table is too wide for the window.
enum class Fit {
    automatic,  ///< texts and paths are shortened, others keep their width
    keep,
    below,  ///< goes on a line of its own below the record
    drop,   ///< is left out; the last such column first
};

/// Where a column is written.
enum Formats : unsigned { in_table = 1, in_json = 2, in_csv = 4, in_data = in_json | in_csv, everywhere = 7 };

struct Column {
    std::string name;  ///< in JSON and CSV
    ColumnKind kind = ColumnKind::text;
    std::string heading = {};  ///< in tables; empty: the name
    unsigned formats = everywhere;
    Fit fit = Fit::automatic;
    /// Columns that the values will take at the most. When all but the last column of a table say so, a record is written
    /// at once; otherwise the first thousand are held back and measured.
    std::size_t width = 0;
    std::optional<int> decimals = {};  ///< of a number, 1 unless set; of a probability in a table, 0 unless set
};

/// How a cell is highlighted where colour is on.
enum class Style { plain, bold, faint, good, doubtful, bad };

using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, nlohmann::ordered_json>;

/// A value of a record. Nothing (monostate) is an empty cell, and a field that JSON leaves out.
struct Cell {
    Value value;
    Style style = Style::plain;
    std::string shown = {};  ///< the text in a table, where it differs from the usual one of the column's kind

    Cell() = default;
    Cell(std::string text) : value(std::move(text)) {}
    Cell(std::string_view text) : value(std::string(text)) {}
    Cell(const char* text) : value(std::string(text)) {}
    Cell(bool flag) : value(flag) {}
    Cell(std::int64_t number) : value(number) {}
    Cell(int number) : value(std::int64_t{number}) {}
    Cell(std::size_t number) : value(static_cast<std::int64_t>(number)) {}
    Cell(double number) : value(number) {}
    Cell(nlohmann::ordered_json json) : value(std::move(json)) {}

    Cell& styled(Style choice) {
        style = choice;
        return *this;
    }
    Cell& shows(std::string text) {
        shown = std::move(text);
        return *this;
    }
};

/// Writes records to standard output. Call `finish` at the end; otherwise records that are held back are lost.
class RecordWriter {
  public:
    using Record = std::vector<Cell>;  ///< a cell for each column, in order

    RecordWriter(OutputOptions options, std::vector<Column> columns);

    OutputFormat format() const { return options_.format; }
    void write(Record record);
    /// Writes an object of another form among the JSON Lines; nothing in other formats.
    void write_json(const nlohmann::ordered_json& json) const;
    /// Writes the records that were held back; the table of none is nothing.
    void finish();
    /// Records written so far.
    std::int64_t count() const { return count_; }

  private:
    struct Layout {
        std::vector<std::size_t> side_by_side;  ///< columns of the table, by index
        std::vector<std::size_t> below;
        std::vector<std::size_t> widths;  ///< of all columns
        std::size_t indent = 0;           ///< of the lines below a record
    };

    void write_table(const Record& record);
    void hold_back(Record record);
    void release();
    Layout lay_out(const std::vector<Record>& records) const;
    std::size_t minimum_width(std::size_t column) const;
    void print_row(const std::vector<std::string>& texts, const std::vector<Style>& styles, bool heading) const;

    OutputOptions options_;
    std::vector<Column> columns_;
    std::optional<std::size_t> window_;  ///< columns that a table has to fit
    bool color_ = false;
    std::optional<Layout> layout_;  ///< once it is settled
    std::vector<Record> held_;
    std::int64_t count_ = 0;
};

/// Writes a page of facts about one thing: a label and a text on each line, the texts wrapped to the window and lined up.
/// A fact without a label is a heading; one with an empty text is left out.
void print_facts(const OutputOptions& options, const std::vector<std::pair<std::string, std::string>>& facts);

/// `text` in a style, where colour is on.
std::string styled(std::string_view text, Style style, bool color);

/// A line of JSON. Paths may hold any bytes; JSON may not: bytes that are no UTF-8 become U+FFFD.
std::string json_line(const nlohmann::ordered_json& json);

}  // namespace earmark::cli
