#include "report/html/report_table.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "formats/html.hpp"

namespace earmark::report {

namespace {

std::string html_cell(const TableCell& cell, bool names_row, bool numeric) {
    const std::string words = formats::escaped(cell.text);
    const std::string content =
        cell.link.empty() ? words : fmt::format("<a href=\"#{}\">{}</a>", formats::escaped(cell.link), words);
    const std::string value = cell.value ? fmt::format(" data-value=\"{:.6g}\"", *cell.value) : "";
    const std::string kind = numeric ? " class=\"number\"" : "";
    if (names_row) return fmt::format("<th scope=\"row\"{}{}>{}</th>", kind, value, content);
    return fmt::format("<td{}{}>{}</td>", kind, value, content);
}

/// Text that Markdown takes as it is, within a table too.
std::string markdown_escaped(const std::string& text) {
    std::string result;
    for (const char byte : base::printable(text)) {
        if (std::string_view("\\|*_`<>[]&#").find(byte) != std::string_view::npos) result += '\\';
        result += byte;
    }
    return result;
}

}  // namespace

std::string to_html(const ReportTable& table) {
    std::string html = fmt::format(
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{0}-caption\" tabindex=\"0\">\n<table id=\"{0}\" "
        "class=\"sortable\">\n<caption id=\"{0}-caption\"><span>{1}{2}</span></caption>\n<thead><tr>",
        formats::escaped(table.id), formats::escaped(table.caption),
        table.leaky ? " <strong class=\"leaky\">leaky</strong>" : "");
    for (const TableColumn& column : table.columns) {
        html += fmt::format("<th scope=\"col\"{}>{}</th>", column.numeric ? " class=\"number\"" : "",
                            formats::escaped(column.title));
    }
    html += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) html += html_cell(row[i], i == 0, table.columns[i].numeric);
        html += "</tr>\n";
    }
    html += "</tbody>\n</table>\n</div>\n";
    for (const std::string& note : table.notes) html += "<p class=\"note\">" + formats::escaped(note) + "</p>\n";
    return html;
}

std::string to_markdown(const ReportTable& table) {
    std::string text = "|";
    std::string rule = "|";
    for (const TableColumn& column : table.columns) {
        text += fmt::format(" {} |", markdown_escaped(column.title));
        rule += column.numeric ? "---:|" : "---|";
    }
    text += fmt::format("\n{}\n", rule);
    for (const auto& row : table.rows) {
        text += "|";
        for (const TableCell& cell : row) text += fmt::format(" {} |", markdown_escaped(cell.text));
        text += "\n";
    }
    for (const std::string& note : table.notes) text += fmt::format("\n{}\n", markdown_escaped(note));
    return text;
}

}  // namespace earmark::report
