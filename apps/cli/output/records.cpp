#include "cli/output/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <type_traits>

#include "cli/output/text_width.hpp"
#include "cli/progress.hpp"
#include "formats/csv.hpp"

namespace earmark::cli {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t gap = 2;  // blanks between the columns of a table
constexpr std::size_t held_back = 1000;

bool is_right_aligned(const Column& column) {
    switch (column.kind) {
        case ColumnKind::integer:
        case ColumnKind::number:
        case ColumnKind::probability:
        case ColumnKind::duration:
            return true;
        default:
            return false;
    }
}

bool is_flexible(const Column& column) {
    return column.fit == Fit::automatic && (column.kind == ColumnKind::text || column.kind == ColumnKind::path);
}

double number_of(const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    const auto* number = std::get_if<double>(&value);
    return number != nullptr ? *number : std::numeric_limits<double>::quiet_NaN();
}

bool is_number(const Value& value) {
    return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

/// A value as it stands, whatever the column.
std::string plain_text(const Value& value) {
    return std::visit(
        [](const auto& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                return "";
            } else if constexpr (std::is_same_v<Held, bool>) {
                return held ? "true" : "false";
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return held;
            } else if constexpr (std::is_same_v<Held, ordered_json>) {
                return json_line(held);
            } else {
                return fmt::format("{}", held);
            }
        },
        value);
}

std::string table_text(const Column& column, const Cell& cell) {
    if (!cell.shown.empty()) return cell_text(cell.shown);
    const Value& value = cell.value;
    switch (column.kind) {
        case ColumnKind::number:
            if (is_number(value)) return fmt::format("{:.{}f}", number_of(value), column.decimals.value_or(1));
            break;
        case ColumnKind::probability:
            if (is_number(value))
                return fmt::format("{:.{}f} %", 100.0 * number_of(value), column.decimals.value_or(0));
            break;
        case ColumnKind::duration:
            if (is_number(value)) return clock_time(number_of(value));
            break;
        case ColumnKind::flag:
            if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "";
            break;
        default:
            break;
    }
    return cell_text(plain_text(value));
}

std::string csv_text(const Column& column, const Value& value) {
    switch (column.kind) {
        case ColumnKind::number:
            if (is_number(value)) return fmt::format("{:.{}f}", number_of(value), column.decimals.value_or(1));
            break;
        case ColumnKind::probability:
            if (is_number(value)) return fmt::format("{:.4f}", number_of(value));
            break;
        case ColumnKind::duration:
            if (is_number(value)) return fmt::format("{:.3f}", number_of(value));
            break;
        default:
            break;
    }
    return plain_text(value);
}

std::string fitted(const Column& column, std::string text, std::size_t width) {
    if (column.kind == ColumnKind::path) return shortened_path(text, width);
    return column.kind == ColumnKind::text ? shortened(text, width) : std::move(text);
}

}  // namespace

RecordWriter::RecordWriter(OutputOptions options, std::vector<Column> columns)
    : options_(options), columns_(std::move(columns)) {
    for (Column& column : columns_) {
        if (column.heading.empty()) column.heading = column.name;
    }
    if (options_.format == OutputFormat::table) {
        window_ = output_width();
        color_ = uses_color(options_.color);
        std::vector<const Column*> shown;
        for (const Column& column : columns_) {
            if ((column.formats & in_table) != 0) shown.push_back(&column);
        }
        const bool all_known = std::all_of(shown.begin(), shown.empty() ? shown.end() : shown.end() - 1,
                                           [](const Column* column) { return column->width > 0; });
        if (all_known) layout_ = lay_out({});
    }
    if (options_.format == OutputFormat::csv) {
        std::vector<std::string> header;
        for (const Column& column : columns_) {
            if ((column.formats & in_csv) != 0) header.push_back(column.name);
        }
        fmt::print("{}\n", formats::csv_line(header));
    }
}

void RecordWriter::write(Record record) {
    record.resize(columns_.size());
    switch (options_.format) {
        case OutputFormat::table:
            if (!layout_) return hold_back(std::move(record));
            write_table(record);
            break;
        case OutputFormat::csv: {
            std::vector<std::string> fields;
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                if ((columns_[i].formats & in_csv) != 0) fields.push_back(csv_text(columns_[i], record[i].value));
            }
            fmt::print("{}\n", formats::csv_line(fields));
            ++count_;
            break;
        }
        case OutputFormat::json: {
            ordered_json object = ordered_json::object();
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                if ((columns_[i].formats & in_json) == 0) continue;
                std::visit(
                    [&](auto& held) {
                        using Held = std::decay_t<decltype(held)>;
                        if constexpr (!std::is_same_v<Held, std::monostate>) object[columns_[i].name] = std::move(held);
                    },
                    record[i].value);
            }
            fmt::print("{}\n", json_line(object));
            ++count_;
            break;
        }
    }
}

void RecordWriter::write_json(const ordered_json& json) const {
    if (options_.format == OutputFormat::json) fmt::print("{}\n", json_line(json));
}

void RecordWriter::finish() {
    release();
}

void RecordWriter::hold_back(Record record) {
    held_.push_back(std::move(record));
    if (held_.size() >= held_back) release();
}

void RecordWriter::release() {
    if (held_.empty()) return;
    if (!layout_) layout_ = lay_out(held_);
    for (const Record& record : held_) write_table(record);
    held_.clear();
}

/// The least that a column can be read in.
std::size_t RecordWriter::minimum_width(std::size_t column) const {
    return columns_[column].kind == ColumnKind::path ? 12 : 6;
}

RecordWriter::Layout RecordWriter::lay_out(const std::vector<Record>& records) const {
    Layout layout;
    std::vector<std::size_t>& widths = layout.widths;
    widths.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if ((columns_[i].formats & in_table) == 0) continue;
        layout.side_by_side.push_back(i);
        widths[i] = std::max(columns_[i].width, display_width(columns_[i].heading));
        for (const Record& record : records)
            widths[i] = std::max(widths[i], display_width(table_text(columns_[i], record[i])));
    }
    if (layout.side_by_side.empty() || !window_) return layout;
    const std::size_t last = layout.side_by_side.back();
    if (records.empty() && is_flexible(columns_[last])) widths[last] = *window_;  // not known yet: all that is left

    const auto least = [&](std::size_t column, bool tight) {
        if (!is_flexible(columns_[column])) return widths[column];
        const std::size_t readable = columns_[column].kind == ColumnKind::path ? 20 : 12;
        return std::min(widths[column], tight ? minimum_width(column) : readable);
    };
    const auto needed = [&](bool tight) {
        std::size_t sum = gap * (layout.side_by_side.size() - 1);
        for (const std::size_t column : layout.side_by_side) sum += least(column, tight);
        return sum;
    };
    const auto take_out = [&](auto&& which) {
        for (auto each = layout.side_by_side.rbegin(); each != layout.side_by_side.rend(); ++each) {
            if (!which(columns_[*each]) || layout.side_by_side.size() == 1) continue;
            const std::size_t column = *each;
            layout.side_by_side.erase(std::next(each).base());
            return std::optional(column);
        }
        return std::optional<std::size_t>();
    };
    const auto move_below = [&](auto&& which) {
        const std::optional<std::size_t> column = take_out(which);
        if (column) layout.below.insert(layout.below.begin(), *column);
        return column.has_value();
    };
    while (needed(false) > *window_ && move_below([](const Column& each) { return each.fit == Fit::below; })) {
    }
    while (needed(false) > *window_ && take_out([](const Column& each) { return each.fit == Fit::drop; })) {
    }
    const bool tight = needed(false) > *window_;
    while (needed(true) > *window_ && move_below([](const Column& each) { return each.kind == ColumnKind::path; })) {
    }
    // If the window is still too narrow, the last columns are left out: lines must not wrap.
    while (needed(true) > *window_ && layout.side_by_side.size() > 1) layout.side_by_side.pop_back();
    // The remaining width goes to the shortened columns, one character each in turn.
    const std::size_t base = needed(tight);
    std::size_t left = *window_ > base ? *window_ - base : 0;
    std::vector<std::size_t> wanted = widths;
    for (const std::size_t column : layout.side_by_side) widths[column] = least(column, tight);
    for (bool given = true; left > 0 && given;) {
        given = false;
        for (const std::size_t column : layout.side_by_side) {
            if (left == 0 || widths[column] >= wanted[column]) continue;
            ++widths[column];
            --left;
            given = true;
        }
    }
    for (const std::size_t column : layout.side_by_side) {
        if (!is_right_aligned(columns_[column])) break;
        layout.indent += widths[column] + gap;
    }
    layout.indent = std::clamp<std::size_t>(layout.indent, 2, *window_ / 2);
    return layout;
}

void RecordWriter::print_row(const std::vector<std::string>& texts, const std::vector<Style>& styles,
                             bool heading) const {
    std::string line;
    const std::vector<std::size_t>& order = layout_->side_by_side;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::size_t column = order[i];
        const std::size_t width = layout_->widths[column];
        const std::string text = window_ && !heading ? fitted(columns_[column], texts[column], width) : texts[column];
        // The last text of a line is not padded.
        const bool ends = std::all_of(order.begin() + static_cast<std::ptrdiff_t>(i) + 1, order.end(),
                                      [&](std::size_t each) { return texts[each].empty(); });
        const bool right = is_right_aligned(columns_[column]);
        const std::string cell = ends && !right ? text : padded(text, width, right);
        line += (i == 0 ? "" : std::string(gap, ' ')) + (text.empty() ? cell : styled(cell, styles[column], color_));
        if (ends) break;
    }
    fmt::print("{}\n", line);
}

void RecordWriter::write_table(const Record& record) {
    if (count_ == 0) {
        std::vector<std::string> headings;
        for (const Column& column : columns_) headings.push_back(column.heading);
        print_row(headings, std::vector<Style>(columns_.size(), Style::bold), true);
    }
    std::vector<std::string> texts;
    std::vector<Style> styles;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        texts.push_back((columns_[i].formats & in_table) != 0 ? table_text(columns_[i], record[i]) : "");
        styles.push_back(record[i].style);
    }
    print_row(texts, styles, false);
    const std::string indent(layout_->indent, ' ');
    for (const std::size_t column : layout_->below) {
        if (texts[column].empty()) continue;
        const std::size_t width = *window_ - layout_->indent;
        const bool path = columns_[column].kind == ColumnKind::path;
        for (const std::string& line :
             path ? std::vector{shortened_path(texts[column], width)} : wrapped(texts[column], width)) {
            fmt::print("{}{}\n", indent, styled(line, styles[column], color_));
        }
    }
    ++count_;
}

void print_facts(const OutputOptions& options, const std::vector<std::pair<std::string, std::string>>& facts) {
    const bool color = uses_color(options.color);
    const std::size_t window = output_width().value_or(100);
    std::size_t width = 0;
    for (const auto& [label, text] : facts) width = std::max(width, display_width(label));
    const std::size_t indent = width + 2 * gap;
    bool first = true;
    for (const auto& [label, text] : facts) {
        if (text.empty()) continue;
        if (label.empty()) {
            fmt::print("{}{}\n", first ? "" : "\n", styled(cell_text(text), Style::bold, color));
        } else {
            const std::size_t room = window > indent + 20 ? window - indent : 20;
            bool begun = false;
            for (const std::string& line : wrapped(cell_text(text), room)) {
                fmt::print("  {}  {}\n", padded(begun ? "" : label, width), line);
                begun = true;
            }
        }
        first = false;
    }
}

std::string styled(std::string_view text, Style style, bool color) {
    if (!color || style == Style::plain) return std::string(text);
    const char* code = "";
    switch (style) {
        case Style::plain:
            break;
        case Style::bold:
            code = "1";
            break;
        case Style::faint:
            code = "2";
            break;
        case Style::good:
            code = "32";
            break;
        case Style::doubtful:
            code = "33";
            break;
        case Style::bad:
            code = "31";
            break;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string json_line(const ordered_json& json) {
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace earmark::cli
