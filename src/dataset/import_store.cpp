#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "base/throw.hpp"
#include "dataset/make_store.hpp"
#include "dataset/store_writer.hpp"
#include "dataset/track_lookup.hpp"
#include "formats/csv.hpp"
#include "formats/npy.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

/// Columns of each track of the array, once its shape is found to be right.
std::int64_t check_shape(const formats::NpyReader& reader, std::size_t rows, const fs::path& index,
                         const FeatureOptions& features, const SegmentOptions& segments, ArrayLayout layout) {
    const std::string where = reader.path().string();
    const std::vector<std::int64_t>& shape = reader.shape();
    const bool columns_first = layout == ArrayLayout::columns_first;
    const int coefficients = coefficient_count(features);
    if (shape.size() != 3) {
        base::fail(ErrorCode::bad_data, "{}: has {} dimensions. Give an array of tracks × {}.", where, shape.size(),
                   columns_first ? "columns × coefficients" : "coefficients × columns");
    }
    const std::int64_t columns = columns_first ? shape[1] : shape[2];
    const std::int64_t found = columns_first ? shape[2] : shape[1];
    if (shape[0] != static_cast<std::int64_t>(rows)) {
        base::fail(ErrorCode::bad_data, "{}: holds {} tracks, but {} names {}. Give the index that belongs to it.",
                   where, shape[0], index.string(), rows);
    }
    if (found != coefficients) {
        base::fail(ErrorCode::bad_data, "{}: has {} coefficients a column, but the feature options make {}. {}{}",
                   where, found, coefficients, "Give those that it was made with",
                   columns == coefficients ? ", or turn its axes with `layout`." : ".");
    }
    const std::int64_t fit = columns / segments.frames;
    if (segments.segments_per_block == 0) {
        base::fail(ErrorCode::bad_option, "{}: its tracks are blocks. Give `segments_per_block`, at least 1.", where);
    }
    if (fit != segments.segments_per_block) {
        base::fail(ErrorCode::bad_data,
                   "{}: {} columns hold {} segments of {}, not the {} of a block. Give the `segments_per_block` and "
                   "`frames` that it was made with.",
                   where, columns, fit, segments.frames, segments.segments_per_block);
    }
    return columns;
}

/// What the bytes of quantised arrays stand for, track by track.
class Quantisation {
  public:
    /// @throws Error bad_data when the index lacks the columns
    Quantisation(const formats::NpyReader& reader, const formats::CsvTable& index)
        : index_(index), minimum_(index.find_column("min_db")), range_(index.find_column("range_db")) {
        bytes_ = reader.type() == "|u1";
        if (bytes_ && (minimum_ < 0 || range_ < 0)) {
            base::fail(ErrorCode::bad_data, "{}: holds bytes, so {} must have the columns min_db and range_db.",
                       reader.path().string(), index.where);
        }
    }

    void apply(std::size_t row, std::span<float> values) const {
        if (!bytes_) return;
        constexpr double levels = 256.0;
        const double minimum = number(row, minimum_);
        const double step = number(row, range_) / levels;
        for (float& value : values) value = static_cast<float>(minimum + step * (static_cast<double>(value) + 0.5));
    }

  private:
    double number(std::size_t row, std::ptrdiff_t column) const {
        const std::string& text = index_.rows[row][static_cast<std::size_t>(column)];
        double value = 0.0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
            base::fail(ErrorCode::bad_data, "{}: line {}: \"{}\" in column {} is no number.", index_.where,
                       index_.lines[row], text, index_.header[static_cast<std::size_t>(column)]);
        }
        return value;
    }

    const formats::CsvTable& index_;
    bool bytes_ = false;
    std::ptrdiff_t minimum_;
    std::ptrdiff_t range_;
};

/// Turns rows × columns into columns × rows.
void transpose(std::span<const float> values, std::size_t columns, std::span<float> turned) {
    const std::size_t rows = values.size() / columns;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            turned[column * rows + row] = values[row * columns + column];
        }
    }
}

/// One spelling of each genre: the commonest, or of equally common ones the first by name.
class GenreSpellings {
  public:
    void add(const std::string& genre) { ++spellings_[genre_key(genre)][genre]; }

    const std::string& of(const std::string& genre) const { return best(spellings_.at(genre_key(genre))); }

    std::set<std::string> chosen() const {
        std::set<std::string> genres;
        for (const auto& [key, spellings] : spellings_) genres.insert(best(spellings));
        return genres;
    }

    /// What was put together, a sentence each.
    std::vector<std::string> warnings() const {
        std::vector<std::string> sentences;
        for (const auto& [key, spellings] : spellings_) {
            std::vector<std::string> others;
            for (const auto& [spelling, rows] : spellings) {
                if (spelling != best(spellings)) others.push_back(spelling);
            }
            if (others.empty()) continue;
            sentences.push_back(fmt::format("the genre {} is also written {}; taken as one.", best(spellings),
                                            fmt::join(others, ", ")));
        }
        return sentences;
    }

  private:
    using Spellings = std::map<std::string, std::int64_t>;

    static const std::string& best(const Spellings& spellings) {
        return std::ranges::max_element(spellings, {}, [](const auto& each) { return each.second; })->first;
    }

    std::map<std::string, Spellings> spellings_;
};

}  // namespace

StoreSummary import_store(const fs::path& array, const fs::path& index, const fs::path& output,
                          const FeatureOptions& features, const SegmentOptions& segments, ArrayLayout layout) {
    validate(segments, features);
    const formats::CsvTable table = formats::read_csv(index);
    const std::size_t name_at = track_column(table);
    const auto genre_at = genre_column(table);
    if (!genre_at) table.column("genre");  // throws
    std::set<std::string> names;
    GenreSpellings genres;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::string& name = table.rows[i][name_at];
        const std::string& genre = table.rows[i][*genre_at];
        if (name.empty() || genre.empty()) {
            base::fail(ErrorCode::bad_data, "{}: line {} lacks a track or a genre.", table.where, table.lines[i]);
        }
        if (!names.insert(name).second) {
            base::fail(ErrorCode::bad_data, "{}: line {} names track \"{}\" again. Keep one of the rows.", table.where,
                       table.lines[i], name);
        }
        genres.add(genre);
    }
    const std::set<std::string> labels = genres.chosen();
    if (labels.size() < 2) {
        base::fail(ErrorCode::bad_data, "{}: a data set needs at least two genres, this one has {}.", table.where,
                   labels.size());
    }
    formats::NpyReader reader(array);
    const std::int64_t length = check_shape(reader, table.rows.size(), index, features, segments, layout);
    const Quantisation quantisation(reader, table);

    StoreWriter writer(output, features, segments);
    StoreSummary summary;
    summary.labels.assign(labels.begin(), labels.end());
    for (const std::string& warning : genres.warnings()) {
        summary.warnings.push_back({index, ErrorCode::internal, fmt::format("{}: {}", table.where, warning)});
    }
    std::vector<SegmentTime> times;
    for (int k = 0; k < segments.segments_per_block; ++k) {
        times.push_back({k * segments.seconds, (k + 1) * segments.seconds});
    }
    const auto coefficients = static_cast<std::size_t>(coefficient_count(features));
    std::vector<float> columns(static_cast<std::size_t>(length) * coefficients);
    std::vector<float> as_stored(layout == ArrayLayout::columns_first ? 0 : columns.size());
    const std::size_t used = times.size() * static_cast<std::size_t>(segments.frames) * coefficients;
    for (std::size_t track = 0; track < table.rows.size(); ++track) {
        const std::vector<std::string>& row = table.rows[track];
        if (layout == ArrayLayout::columns_first) {
            reader.read(columns);
        } else {
            reader.read(as_stored);
            transpose(as_stored, static_cast<std::size_t>(length), columns);
        }
        quantisation.apply(track, columns);
        const std::span<const float> values = std::span(columns).first(used);
        if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
            base::fail(ErrorCode::bad_data,
                       "{}: the values of track \"{}\" are not all finite. Leave it out of both files.", array.string(),
                       row[name_at]);
        }
        writer.add(row[name_at], genres.of(row[*genre_at]), times, values);
        ++summary.tracks;
    }
    summary.copies = writer.commit(summary.labels);
    summary.segments = writer.segments();
    summary.seconds = static_cast<double>(summary.segments) * segments.seconds;
    return summary;
}

}  // namespace earmark::dataset
