#include "dataset/labels/import_table.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "base/throw.hpp"
#include "dataset/store_writer.hpp"
#include "dataset/track_lookup.hpp"
#include "features/table_kind.hpp"
#include "formats/arff.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

bool ends_in(const fs::path& path, std::string_view extension) {
    return plain_word(path.extension().string()) == extension;
}

/// The number of labels that MEKA writes into the name of a relation: "name: -C 6", negative for those at the end.
std::optional<int> counted_labels(const std::string& relation) {
    const std::size_t at = relation.find("-C");
    if (at == std::string::npos) return std::nullopt;
    const std::size_t begin = relation.find_first_not_of(" \t", at + 2);
    if (begin == std::string::npos) return std::nullopt;
    int count = 0;
    const char* end = relation.data() + relation.size();
    const auto [stop, error] = std::from_chars(relation.data() + begin, end, count);
    if (error != std::errc() || count == 0) return std::nullopt;
    return count;
}

/// The names of the labels of an ARFF file, where the options do not say them.
void find_labels(const formats::ArffRelation& relation, const fs::path& path, LabelOptions& options) {
    if (!options.columns.empty() || !options.names.empty()) return;
    const fs::path beside = fs::path(path).replace_extension(".xml");
    std::error_code error;
    if (fs::exists(beside, error)) {
        options.names = beside;
        return;
    }
    const std::vector<std::string>& header = relation.table.header;
    const auto count = counted_labels(relation.name);
    if (!count || static_cast<std::size_t>(std::abs(*count)) >= header.size()) {
        base::fail(
            ErrorCode::bad_data,
            "{}: says not which of its attributes are labels. Name them in `label_columns`, or give Mulan's file "
            "of their names in `labels`.",
            path.string());
    }
    const auto begin = *count > 0 ? header.begin() : header.end() + *count;
    options.columns.assign(begin, begin + std::abs(*count));
}

struct Columns {
    std::vector<std::size_t> features;
    std::optional<std::size_t> track;
    std::vector<std::string> left_out;  ///< that hold no numbers
};

Columns choose_columns(const formats::CsvTable& table, const TrackLabels& labels, const TableOptions& options) {
    Columns columns;
    if (!options.track_column.empty()) {
        columns.track = table.column(options.track_column);
    } else {
        columns.track = find_column_named(table, {"track", "filename", "file", "path"});
    }
    if (!options.feature_columns.empty()) {
        for (const std::string& name : options.feature_columns) {
            columns.features.push_back(table.column(name));
            if (std::ranges::find(labels.columns, columns.features.back()) != labels.columns.end())
                base::fail(ErrorCode::bad_option, "`feature_columns` names {}, which is a label.", name);
        }
        return columns;
    }
    for (std::size_t i = 0; i < table.header.size(); ++i) {
        if (columns.track == i || std::ranges::find(labels.columns, i) != labels.columns.end()) continue;
        const bool numbers =
            std::ranges::all_of(table.rows, [i](const auto& row) { return number_in(row[i]).has_value(); });
        if (numbers) {
            columns.features.push_back(i);
        } else {
            columns.left_out.push_back(table.header[i]);
        }
    }
    if (columns.features.empty()) {
        base::fail(ErrorCode::bad_data, "{}: no column but labels holds a number in each row. Columns: {}.",
                   table.where, fmt::join(table.header, ", "));
    }
    return columns;
}

/// The name of each row's track.
std::vector<std::string> names_of(const formats::CsvTable& table, const Columns& columns) {
    std::vector<std::string> names;
    std::set<std::string_view> different;
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        names.push_back(columns.track ? table.rows[i][*columns.track] : std::to_string(i + 1));
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty())
            base::fail(ErrorCode::bad_data, "{}: line {} names no track.", table.where, table.lines[i]);
        if (!different.insert(names[i]).second) {
            base::fail(ErrorCode::bad_data,
                       "{}: line {} names track \"{}\" again. Keep one of the rows, or name another column in "
                       "`track_column`.",
                       table.where, table.lines[i], names[i]);
        }
    }
    return names;
}

}  // namespace

bool is_table(const fs::path& path) {
    return ends_in(path, ".arff") || ends_in(path, ".csv") || ends_in(path, ".tsv");
}

StoreSummary import_table(const fs::path& path, const fs::path& output, const TableOptions& options) {
    LabelOptions label_options = options.labels;
    formats::CsvTable table;
    if (ends_in(path, ".arff")) {
        formats::ArffRelation relation = formats::read_arff(path);
        find_labels(relation, path, label_options);
        table = std::move(relation.table);
    } else {
        table = formats::read_csv(path);
    }
    if (table.rows.empty()) base::fail(ErrorCode::bad_data, "{}: has no row. Give one for each track.", table.where);
    const TrackLabels labels = track_labels(table, label_options);
    const Columns columns = choose_columns(table, labels, options);
    const std::vector<std::string> names = names_of(table, columns);

    FeatureOptions features;
    features.kind = table_kind;
    features.coefficients = static_cast<int>(columns.features.size());
    SegmentOptions segments;
    segments.seconds = 1.0;
    segments.frames = 1;
    validate(segments, features);

    StoreSummary summary;
    summary.labels = labels.labels;
    summary.many_labels = labels.labelling.many;
    for (const std::string& warning : labels.warnings) summary.warnings.push_back({path, ErrorCode::internal, warning});
    if (!columns.left_out.empty()) {
        summary.warnings.push_back({path, ErrorCode::internal,
                                    fmt::format("{}: not taken, since they lack numbers: {}.", table.where,
                                                fmt::join(columns.left_out, ", "))});
    }
    StoreWriter writer(output, features, segments, labels.labelling);
    const std::vector<SegmentTime> times(1);
    std::vector<float> values(columns.features.size());
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        for (std::size_t k = 0; k < values.size(); ++k) {
            const std::string& field = table.rows[i][columns.features[k]];
            const auto number = number_in(field);
            if (!number || !std::isfinite(static_cast<float>(*number))) {
                base::fail(ErrorCode::bad_data,
                           "{}: line {}: \"{}\" in column {} is no number. Correct it, or choose other columns in "
                           "`feature_columns`.",
                           table.where, table.lines[i], field, table.header[columns.features[k]]);
            }
            values[k] = static_cast<float>(*number);
        }
        if (labels.labelling.many) {
            writer.add(names[i], labels.holds[i], times, values);
        } else {
            writer.add(names[i], labels.labels[static_cast<std::size_t>(labels.label[i])], times, values);
        }
        ++summary.tracks;
    }
    summary.copies = writer.commit(summary.labels);
    summary.segments = writer.segments();
    return summary;
}

}  // namespace earmark::dataset
