#include "dataset/labels/track_labels.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/throw.hpp"
#include "dataset/track_lookup.hpp"
#include "formats/arff.hpp"
#include "formats/csv_rows.hpp"

namespace earmark::dataset {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The words of a field, semicolons or bars between them.
std::vector<std::string> words_of(std::string_view field) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin <= field.size();) {
        const std::size_t end = std::min(field.find_first_of(";|", begin), field.size());
        const std::string_view word = trimmed(field.substr(begin, end - begin));
        if (!word.empty()) words.emplace_back(word);
        begin = end + 1;
    }
    return words;
}

bool holds_shares(const formats::CsvTable& table, std::size_t column) {
    return !table.rows.empty() && std::ranges::all_of(table.rows, [column](const auto& row) {
        const auto number = number_in(row[column]);
        return number && *number >= 0.0 && *number <= 1.0;
    });
}

double median_of(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

void demand_two(const TrackLabels& labels, const std::string& where) {
    if (labels.labels.size() >= 2) return;
    base::fail(ErrorCode::bad_data, "{}: a data set needs at least two labels, this one has {}{}{}.", where,
               labels.labels.size(), labels.labels.empty() ? "" : ": ", fmt::join(labels.labels, ", "));
}

/// What holds of each row, from the words of each.
TrackLabels from_words(const std::vector<std::vector<std::string>>& words, bool one, const LabelOptions& options,
                       const std::string& where) {
    TrackLabels result;
    std::map<std::string, std::size_t> places;
    for (const auto& row : words) {
        for (const std::string& word : row) places.emplace(word, 0);
    }
    for (auto& [label, place] : places) {
        place = result.labels.size();
        result.labels.push_back(label);
    }
    demand_two(result, where);
    result.labelling = {!one, options.group};
    for (const auto& row : words) {
        if (one) {
            result.label.push_back(static_cast<int>(places.at(row.front())));
            continue;
        }
        auto& holds = result.holds.emplace_back(result.labels.size(), std::uint8_t{0});
        for (const std::string& word : row) holds[places.at(word)] = 1;
    }
    return result;
}

/// One column of words: of one label each, or of several.
TrackLabels from_column(const formats::CsvTable& table, std::size_t column, const LabelOptions& options) {
    std::vector<std::vector<std::string>> words;
    bool one = true;
    for (const auto& row : table.rows) {
        words.push_back(words_of(row[column]));
        one = one && words.back().size() == 1;
    }
    TrackLabels result = from_words(words, one, options, table.where);
    result.columns = {column};
    return result;
}

/// A column a label.
TrackLabels from_columns(const formats::CsvTable& table, const std::vector<std::size_t>& columns,
                         const LabelOptions& options) {
    TrackLabels result;
    result.labelling = {true, options.group};
    result.columns = columns;
    result.holds.assign(table.rows.size(), std::vector<std::uint8_t>(columns.size(), 0));
    for (std::size_t k = 0; k < columns.size(); ++k) {
        const std::string& name = table.header[columns[k]];
        std::vector<double> numbers;
        for (std::size_t i = 0; i < table.rows.size(); ++i) {
            const std::string& field = table.rows[i][columns[k]];
            const auto number = number_in(field);
            if (!number) {
                base::fail(ErrorCode::bad_data,
                           "{}: line {}: \"{}\" in column {} is no number, as that of a label must be. Write 0 or 1, "
                           "or leave the column out.",
                           table.where, table.lines[i], field, name);
            }
            numbers.push_back(*number);
        }
        const double median = options.cut || numbers.empty() ? 0.0 : median_of(numbers);
        std::size_t count = 0;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const bool holds = options.cut ? numbers[i] >= *options.cut : numbers[i] > median;
            result.holds[i][k] = holds ? 1 : 0;
            count += holds ? 1 : 0;
        }
        if (count == 0 || count == numbers.size()) {
            result.warnings.push_back(
                fmt::format("{}: the label {} holds of {} track.", table.where, name, count == 0 ? "no" : "each"));
        }
        result.labels.push_back(name);
    }
    demand_two(result, table.where);
    return result;
}

/// Whether a field of a header says that tracks stand below it.
bool names_tracks(const std::string& field) {
    static constexpr std::string_view names[] = {"track", "filename", "file", "path"};
    return std::ranges::find(names, plain_word(field)) != std::end(names);
}

/// The columns to take where none are named.
std::vector<std::size_t> usual_columns(const formats::CsvTable& table) {
    std::vector<std::size_t> others;
    std::vector<std::size_t> shares;
    for (std::size_t i = 0; i < table.header.size(); ++i) {
        if (names_tracks(table.header[i])) continue;
        others.push_back(i);
        if (holds_shares(table, i)) shares.push_back(i);
    }
    if (shares.size() > 1) return shares;
    if (const auto genre = genre_column(table)) return {*genre};
    if (others.size() == 1) return others;
    base::fail(ErrorCode::bad_data,
               "{}: it is not plain which of its columns are labels: {}. Name them in `label_columns`.", table.where,
               fmt::join(table.header, ", "));
}

/// Whether a header promises a list of labels, in one column or in several: "track,labels", "track,tag,tag".
bool heads_list(const std::vector<std::string>& header) {
    return header.size() > 1 && std::all_of(header.begin() + 1, header.end(), [](const std::string& name) {
               std::string word = plain_word(name);
               while (!word.empty() && (word.back() == ' ' || (word.back() >= '0' && word.back() <= '9')))
                   word.pop_back();
               static constexpr std::string_view names[] = {"", "label", "labels", "tag", "tags", "…", "..."};
               return std::ranges::find(names, word) != std::end(names);
           });
}

LabelList from_list(const formats::CsvRows& rows, std::size_t first, const LabelOptions& options,
                    const std::string& where) {
    LabelList list;
    std::vector<std::vector<std::string>> words;
    for (std::size_t i = first; i < rows.rows.size(); ++i) {
        const std::vector<std::string>& row = rows.rows[i];
        list.tracks.push_back(row.front());
        std::vector<std::string>& own = words.emplace_back();
        for (std::size_t k = 1; k < row.size(); ++k) std::ranges::move(words_of(row[k]), std::back_inserter(own));
    }
    list.labels = from_words(words, false, options, where);
    return list;
}

void demand_names(const LabelList& list, const std::vector<std::size_t>& lines, const std::string& where) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < list.tracks.size(); ++i) {
        if (list.tracks[i].empty()) base::fail(ErrorCode::bad_data, "{}: line {} names no track.", where, lines[i]);
        if (!names.insert(list.tracks[i]).second) {
            base::fail(ErrorCode::bad_data, "{}: line {} names track \"{}\" again. Keep one of the rows.", where,
                       lines[i], list.tracks[i]);
        }
    }
}

}  // namespace

std::optional<double> number_in(const std::string& field) {
    std::string_view text = trimmed(field);
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0.0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

TrackLabels track_labels(const formats::CsvTable& table, const LabelOptions& options) {
    std::vector<std::string> names = options.columns;
    if (!options.names.empty()) names = formats::read_mulan_labels(options.names);
    std::vector<std::size_t> columns;
    for (const std::string& name : names) {
        const std::ptrdiff_t exact = table.find_column(name);
        columns.push_back(exact >= 0 ? static_cast<std::size_t>(exact) : column_named(table, {plain_word(name)}));
        if (std::ranges::count(columns, columns.back()) > 1)
            base::fail(ErrorCode::bad_option, "`label_columns` names the column {} twice.", name);
    }
    if (columns.empty()) columns = usual_columns(table);
    if (columns.size() == 1) return from_column(table, columns.front(), options);
    return from_columns(table, columns, options);
}

LabelList read_label_list(const std::filesystem::path& path, const LabelOptions& options) {
    const formats::CsvRows rows = formats::read_csv_rows(path);
    const std::string where = path.string();
    if (rows.rows.empty()) base::fail(ErrorCode::bad_data, "{}: is empty. Give a row for each track.", where);
    const std::vector<std::string>& head = rows.rows.front();
    const bool headed = std::ranges::any_of(head, names_tracks);
    const bool ragged = std::ranges::any_of(rows.rows, [&](const auto& row) { return row.size() != head.size(); });
    const bool chosen = !options.columns.empty() || !options.names.empty();
    if (!headed || (!chosen && names_tracks(head.front()) && (ragged || heads_list(head)))) {
        const std::size_t first = headed ? 1 : 0;
        LabelList list = from_list(rows, first, options, where);
        demand_names(list, {rows.lines.begin() + static_cast<std::ptrdiff_t>(first), rows.lines.end()}, where);
        return list;
    }
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t track = track_column(table);
    LabelList list;
    for (const auto& row : table.rows) list.tracks.push_back(row[track]);
    demand_names(list, table.lines, where);
    list.labels = track_labels(table, options);
    return list;
}

}  // namespace earmark::dataset
