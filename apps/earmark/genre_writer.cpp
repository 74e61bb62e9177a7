#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "cli/output/records.hpp"
#include "earmark/prediction_text.hpp"
#include "earmark/prediction_writer.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using cli::Cell;
using cli::Column;
using cli::ColumnKind;

namespace {

constexpr int usual_top = 3;

class GenreWriter : public PredictionWriter {
  public:
    GenreWriter(const Model& model, const PredictionFormat& format)
        : format_(format),
          labels_(model.labels),
          others_(std::min<std::size_t>(format.top > 0 ? format.top : usual_top, labels_.size()) - 1),
          whole_seconds_(model.segments.seconds == std::floor(model.segments.seconds)),
          records_(format.output, columns(model)) {}

    void write(const fs::path& path, const std::vector<Prediction>& predictions) override {
        const Prediction& prediction = predictions.front();
        if (prediction.uncertain && !prediction.not_music) ++uncertain_;
        if (is_table()) {
            write_table(path, prediction);
        } else {
            write_csv(path, prediction);
        }
    }

    void write(const fs::path&, const Error&) override {}

    void finish() override { records_.finish(); }

    std::string legend() const override {
        if (!is_table() || uncertain_ == 0) return "";
        return "\"?\" after a genre: less probable than the model's threshold, see `earmark model`.";
    }

  private:
    std::vector<Column> columns(const Model& model) const {
        std::size_t longest = 0;
        for (const std::string& label : labels_) longest = std::max(longest, label.size());
        if (format_.segments && !is_table()) {
            std::vector<Column> columns{{"path", ColumnKind::path},
                                        {"start_seconds", ColumnKind::duration},
                                        {"end_seconds", ColumnKind::duration},
                                        {"genre"},
                                        {"probability", ColumnKind::probability}};
            for (const std::string& label : labels_) columns.push_back({label, ColumnKind::probability});
            return columns;
        }
        const std::size_t mark = model.calibration.threshold ? 1 : 0;
        const std::size_t genre = std::max(longest + mark, not_music_text("applause").size());
        std::vector<Column> columns{
            {.name = "path", .kind = ColumnKind::path, .formats = cli::in_csv},
            {.name = "duration_seconds",
             .kind = ColumnKind::duration,
             .heading = "time",
             .width = format_.segments ? (whole_seconds_ ? 11U : 15U) : 5U},
            {.name = "genre", .fit = cli::Fit::keep, .width = genre},
            {.name = "probability", .kind = ColumnKind::probability, .heading = "prob.", .width = 5},
            {.name = "uncertain", .kind = ColumnKind::flag, .formats = cli::in_csv},
            {.name = "not_music", .formats = cli::in_csv}};
        if (is_table()) {
            if (others_ > 0) {
                columns.push_back({.name = "others",
                                   .heading = "then",
                                   .formats = cli::in_table,
                                   .fit = cli::Fit::below,
                                   .width = others_ * (longest + 7) - 2});
            }
            columns.push_back({.name = "path", .kind = ColumnKind::path, .heading = "file", .formats = cli::in_table});
        } else {
            for (const std::string& label : labels_) columns.push_back({label, ColumnKind::probability});
        }
        return columns;
    }

    bool is_table() const { return format_.output.format == cli::OutputFormat::table; }

    static void append_probabilities(cli::RecordWriter::Record& record, const std::vector<float>& probabilities) {
        for (const float probability : probabilities) record.emplace_back(probability);
    }

    void write_csv(const fs::path& path, const Prediction& prediction) {
        if (!format_.segments) {
            const std::size_t best = prediction.best();
            cli::RecordWriter::Record record{path.string(),        prediction.duration_seconds,
                                             labels_[best],        prediction.probabilities[best],
                                             prediction.uncertain, {}};
            if (prediction.not_music) {
                record[2] = record[3] = {};
                record[5] = *prediction.not_music;
            }
            append_probabilities(record, prediction.probabilities);
            records_.write(std::move(record));
            return;
        }
        for (const SegmentPrediction& segment : prediction.segments) {
            const auto best = std::ranges::max_element(segment.probabilities) - segment.probabilities.begin();
            cli::RecordWriter::Record record{path.string(), segment.start_seconds, segment.end_seconds, labels_[best],
                                             segment.probabilities[best]};
            append_probabilities(record, segment.probabilities);
            records_.write(std::move(record));
        }
    }

    cli::RecordWriter::Record row(const std::string& path, Cell time, const std::vector<float>& probabilities,
                                  bool uncertain) const {
        Prediction view;
        view.probabilities = probabilities;
        const std::vector<std::size_t> order = view.ranking();
        const std::string& label = labels_[order.front()];
        cli::RecordWriter::Record record{
            {}, std::move(time), Cell(uncertain ? doubted(label) : label), probabilities[order.front()], {}, {}};
        if (uncertain) record[2].styled(cli::Style::doubtful);
        if (others_ > 0) {
            std::string others;
            for (std::size_t i = 1; i <= others_; ++i) {
                others += fmt::format("{}{} {}", i == 1 ? "" : ", ", labels_[order[i]],
                                      percent_text(probabilities[order[i]]));
            }
            record.push_back(Cell(others).styled(cli::Style::faint));
        }
        record.emplace_back(path);
        return record;
    }

    /// The line of a track that is no music.
    cli::RecordWriter::Record row(const std::string& path, const Prediction& prediction) const {
        cli::RecordWriter::Record record{{},
                                         prediction.duration_seconds,
                                         Cell(not_music_text(*prediction.not_music)).styled(cli::Style::faint),
                                         {},
                                         {},
                                         {}};
        if (others_ > 0) record.emplace_back();
        record.emplace_back(path);
        return record;
    }

    void write_table(const fs::path& path, const Prediction& prediction) {
        if (prediction.not_music) {
            records_.write(row(path.string(), prediction));
        } else {
            records_.write(
                row(path.string(), prediction.duration_seconds, prediction.probabilities, prediction.uncertain));
        }
        if (!format_.segments) return;
        for (const SegmentPrediction& segment : prediction.segments) {
            const std::string time = time_range_text(segment.start_seconds, segment.end_seconds, whole_seconds_);
            records_.write(row("", Cell(segment.start_seconds).shows(time), segment.probabilities, false));
        }
    }

    PredictionFormat format_;
    const std::vector<std::string>& labels_;
    std::size_t others_ = 0;  ///< genres to show besides the most probable
    bool whole_seconds_ = false;
    std::int64_t uncertain_ = 0;
    cli::RecordWriter records_;
};

}  // namespace

std::unique_ptr<PredictionWriter> make_genre_writer(const Model& model, const PredictionFormat& format) {
    return std::make_unique<GenreWriter>(model, format);
}

}  // namespace earmark::commands
