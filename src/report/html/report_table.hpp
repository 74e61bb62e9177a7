#pragma once

#include <optional>
#include <string>
#include <vector>

namespace earmark::report {

struct TableCell {
    std::string text;
    std::optional<double> value = {};  ///< the sort key of a number
    std::string link = {};             ///< identifier of the element that it leads to
};

struct TableColumn {
    std::string title;
    bool numeric = true;
};

/// A table for people, of figures under one protocol. The first cell of a row names the row.
struct ReportTable {
    std::string id;
    std::string caption;
    bool leaky = false;
    std::vector<TableColumn> columns;
    std::vector<std::vector<TableCell>> rows;
    std::vector<std::string> notes;  ///< sentences under the table
};

/// The table as HTML, in a box that scrolls, ready for the page's script to sort.
std::string to_html(const ReportTable& table);
/// The table as Markdown, without its links; the caption is left to a heading.
std::string to_markdown(const ReportTable& table);

}  // namespace earmark::report
