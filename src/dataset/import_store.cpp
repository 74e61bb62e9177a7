#include <algorithm>
#include <cmath>
#include <set>

#include "core/throw.hpp"
#include "dataset/csv.hpp"
#include "dataset/make_store.hpp"
#include "dataset/npy.hpp"
#include "dataset/store_writer.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

void check_shape(const NpyReader& reader, std::size_t rows, const fs::path& index, const FeatureOptions& features,
                 const SegmentOptions& segments) {
    const std::string where = reader.path().string();
    const std::vector<std::int64_t>& shape = reader.shape();
    const int coefficients = coefficients_of(features);
    if (shape.size() != 3) {
        fail(ErrorCode::bad_data, "{}: has {} dimensions. Give an array of tracks × columns × coefficients.", where,
             shape.size());
    }
    if (shape[0] != static_cast<std::int64_t>(rows)) {
        fail(ErrorCode::bad_data, "{}: holds {} tracks, but {} names {}. Give the index that belongs to it.", where,
             shape[0], index.string(), rows);
    }
    if (shape[2] != coefficients) {
        fail(ErrorCode::bad_data, "{}: has {} coefficients a column, but the feature options make {}. {}", where,
             shape[2], coefficients, "Give those that it was made with.");
    }
    const std::int64_t fit = shape[1] / segments.frames;
    if (fit != segments.segments_per_block) {
        fail(ErrorCode::bad_data,
             "{}: {} columns hold {} segments of {}, not the {} of a block. Give the --segments-per-block and "
             "--segment-frames that it was made with.",
             where, shape[1], fit, segments.frames, segments.segments_per_block);
    }
}

}  // namespace

StoreSummary import_store(const fs::path& array, const fs::path& index, const fs::path& output,
                          const FeatureOptions& features, const SegmentOptions& segments) {
    validate(segments, features);
    const CsvTable table = read_csv(index);
    const std::size_t track_column = table.column("track");
    const std::size_t genre_column = table.column("genre");
    std::set<std::string> names;
    std::set<std::string> labels;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::string& name = table.rows[i][track_column];
        const std::string& genre = table.rows[i][genre_column];
        if (name.empty() || genre.empty()) {
            fail(ErrorCode::bad_data, "{}: line {} lacks a track or a genre.", table.where, table.lines[i]);
        }
        if (!names.insert(name).second) {
            fail(ErrorCode::bad_data, "{}: line {} names track \"{}\" again. Keep one of the rows.", table.where,
                 table.lines[i], name);
        }
        labels.insert(genre);
    }
    if (labels.size() < 2) {
        fail(ErrorCode::bad_data, "{}: a data set needs at least two genres, this one has {}.", table.where,
             labels.size());
    }
    NpyReader reader(array);
    check_shape(reader, table.rows.size(), index, features, segments);

    StoreWriter writer(output, features, segments);
    StoreSummary summary;
    summary.labels.assign(labels.begin(), labels.end());
    std::vector<SegmentTime> times;
    for (int k = 0; k < segments.segments_per_block; ++k) {
        times.push_back({k * segments.seconds, (k + 1) * segments.seconds});
    }
    const auto coefficients = static_cast<std::size_t>(coefficients_of(features));
    std::vector<float> columns(static_cast<std::size_t>(reader.shape()[1]) * coefficients);
    const std::size_t used = times.size() * static_cast<std::size_t>(segments.frames) * coefficients;
    for (const std::vector<std::string>& row : table.rows) {
        reader.read(columns);
        const std::span<const float> values = std::span(columns).first(used);
        if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
            fail(ErrorCode::bad_data, "{}: the values of track \"{}\" are not all finite. Leave it out of both files.",
                 array.string(), row[track_column]);
        }
        writer.add(row[track_column], row[genre_column], times, values);
        ++summary.tracks;
    }
    writer.commit(summary.labels);
    summary.segments = writer.segments();
    summary.seconds = static_cast<double>(summary.segments) * segments.seconds;
    return summary;
}

}  // namespace earmark
