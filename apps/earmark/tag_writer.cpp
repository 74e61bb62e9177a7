#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "cli/output/records.hpp"
#include "cli/output/terminal.hpp"
#include "cli/output/text_width.hpp"
#include "cli/progress.hpp"
#include "earmark/prediction_text.hpp"
#include "earmark/prediction_writer.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using cli::Column;
using cli::ColumnKind;

namespace {

constexpr std::size_t usual_genres = 3;
constexpr std::size_t time_width = 5;
constexpr LabelGroup groups[] = {LabelGroup::genre,  LabelGroup::mood,  LabelGroup::voice,    LabelGroup::instrument,
                                 LabelGroup::decade, LabelGroup::other, LabelGroup::not_music};

/// One line for each label of each model.
class TagCsvWriter : public PredictionWriter {
  public:
    TagCsvWriter(std::vector<NamedModel> models, const PredictionFormat& format)
        : models_(std::move(models)), format_(format), records_(format.output, columns()) {}

    void write(const fs::path& path, const std::vector<Prediction>& predictions) override {
        for (std::size_t m = 0; m < models_.size(); ++m) {
            const Prediction& prediction = predictions[m];
            if (!format_.segments) {
                write(path, models_[m], {prediction.duration_seconds, prediction.not_music.value_or("")},
                      prediction.probabilities, prediction.not_music.has_value());
                continue;
            }
            for (const SegmentPrediction& segment : prediction.segments) {
                write(path, models_[m], {segment.start_seconds, segment.end_seconds}, segment.probabilities, false);
            }
        }
    }

    void write(const fs::path&, const Error&) override {}
    void finish() override { records_.finish(); }

  private:
    std::vector<Column> columns() const {
        std::vector<Column> columns{{"path", ColumnKind::path}};
        if (format_.segments) {
            columns.push_back({"start_seconds", ColumnKind::duration});
            columns.push_back({"end_seconds", ColumnKind::duration});
        } else {
            columns.push_back({"duration_seconds", ColumnKind::duration});
            columns.push_back({"not_music"});
        }
        columns.push_back({"model"});
        columns.push_back({"label"});
        columns.push_back({"group"});
        columns.push_back({"probability", ColumnKind::probability});
        columns.push_back({"holds", ColumnKind::flag});
        return columns;
    }

    void write(const fs::path& path, const NamedModel& named, std::vector<cli::Cell> about,
               const std::vector<float>& probabilities, bool not_music) {
        const Model& model = *named.model;
        std::vector<bool> holds(probabilities.size(), false);
        if (!not_music) {
            for (const std::size_t label : holding_labels(model, probabilities, format_.precise)) holds[label] = true;
        }
        for (std::size_t i = 0; i < probabilities.size(); ++i) {
            cli::RecordWriter::Record record{path.string()};
            record.insert(record.end(), about.begin(), about.end());
            record.emplace_back(named.name);
            record.emplace_back(model.labels[i]);
            record.emplace_back(to_string(label_group(model, i)));
            record.emplace_back(probabilities[i]);
            record.emplace_back(static_cast<bool>(holds[i]));
            records_.write(std::move(record));
        }
    }

    std::vector<NamedModel> models_;
    PredictionFormat format_;
    cli::RecordWriter records_;
};

/// A paragraph a file: its time and name, then what holds, a line a group.
class TagPageWriter : public PredictionWriter {
  public:
    TagPageWriter(std::vector<NamedModel> models, const PredictionFormat& format)
        : models_(std::move(models)), format_(format), color_(cli::uses_color(format.output.color)) {}

    void write(const fs::path& path, const std::vector<Prediction>& predictions) override {
        fmt::print("{}  {}\n", cli::padded(cli::clock_time(predictions.front().duration_seconds), time_width, true),
                   cli::styled(cli::cell_text(path.string()), cli::Style::bold, color_));
        const auto found = std::ranges::find_if(
            predictions, [](const Prediction& prediction) { return prediction.not_music.has_value(); });
        const bool music = found == predictions.end();
        if (!music) print("", not_music_text(*found->not_music), cli::Style::faint);
        for (std::size_t m = 0; m < models_.size(); ++m) {
            if (models_.size() > 1 && (music || format_.segments)) print(models_[m].name, "", cli::Style::plain);
            if (!predictions[m].not_music) {
                print_labels(*models_[m].model, predictions[m].probabilities, predictions[m].uncertain);
            }
            if (format_.segments) print_segments(*models_[m].model, predictions[m]);
        }
    }

    void write(const fs::path&, const Error&) override {}
    void finish() override {}

    std::string legend() const override {
        return doubts_ ? "\"?\" after a label: less probable than its threshold, see `earmark model`." : "";
    }

  private:
    std::string with_probability(const Model& model, std::size_t label, float probability, bool doubt) const {
        const std::string& name = model.labels[label];
        return fmt::format("{} {}", doubt ? doubted(name) : name, percent_text(probability));
    }

    void print_labels(const Model& model, const std::vector<float>& probabilities, bool uncertain) {
        Prediction view;
        view.probabilities = probabilities;
        if (model.activation == Activation::softmax) {
            const std::size_t most = format_.top > 0 ? static_cast<std::size_t>(format_.top) : usual_genres;
            std::string text;
            for (const std::size_t label : view.ranking()) {
                if (text.empty()) {
                    text = with_probability(model, label, probabilities[label], uncertain);
                    doubts_ = doubts_ || uncertain;
                } else {
                    text += ", " + with_probability(model, label, probabilities[label], false);
                }
                if (static_cast<std::size_t>(std::ranges::count(text, ',')) + 1 >= most) break;
            }
            print("genre", text, cli::Style::plain);
            return;
        }
        std::vector<std::size_t> holding = holding_labels(model, probabilities, format_.precise);
        if (format_.top > 0 && std::ssize(holding) > format_.top) holding.resize(static_cast<std::size_t>(format_.top));
        if (holding.empty()) {
            const std::size_t best = view.best();
            doubts_ = true;
            print(std::string(to_string(label_group(model, best))),
                  with_probability(model, best, probabilities[best], true), cli::Style::doubtful);
            return;
        }
        for (const LabelGroup group : groups) {
            std::string text;
            for (const std::size_t label : holding) {
                if (label_group(model, label) != group) continue;
                text += (text.empty() ? "" : ", ") + with_probability(model, label, probabilities[label], false);
            }
            if (!text.empty()) print(std::string(to_string(group)), text, cli::Style::plain);
        }
    }

    void print_segments(const Model& model, const Prediction& prediction) const {
        const bool whole = model.segments.seconds == std::floor(model.segments.seconds);
        for (const SegmentPrediction& segment : prediction.segments) {
            std::string text;
            std::vector<std::size_t> holding = holding_labels(model, segment.probabilities, format_.precise);
            if (format_.top > 0 && std::ssize(holding) > format_.top) {
                holding.resize(static_cast<std::size_t>(format_.top));
            }
            for (const std::size_t label : holding) {
                text +=
                    (text.empty() ? "" : ", ") + with_probability(model, label, segment.probabilities[label], false);
            }
            print(time_range_text(segment.start_seconds, segment.end_seconds, whole), text.empty() ? "–" : text,
                  cli::Style::faint);
        }
    }

    /// A line with a label and a text, which goes on below itself.
    void print(const std::string& label, const std::string& text, cli::Style style) const {
        constexpr std::size_t indent = time_width + 2;
        constexpr std::size_t label_width = 15;
        const std::string blanks(indent, ' ');
        if (text.empty()) {
            fmt::print("{}{}\n", blanks, label);
            return;
        }
        const std::string first = label.empty() ? "" : cli::padded(label, label_width);
        const std::size_t used = indent + (label.empty() ? 0 : std::max(label_width, cli::display_width(label)));
        const std::size_t window = cli::output_width().value_or(SIZE_MAX);
        constexpr std::size_t least = 20;
        const std::size_t room = window == SIZE_MAX ? window : std::max(least, window - std::min(window, used));
        bool begun = false;
        for (const std::string& line : cli::wrapped(text, room)) {
            const std::string before = begun ? std::string(used, ' ') : blanks + first;
            fmt::print("{}{}\n", before, cli::styled(line, style, color_));
            begun = true;
        }
    }

    std::vector<NamedModel> models_;
    PredictionFormat format_;
    bool color_;
    bool doubts_ = false;
};

}  // namespace

std::unique_ptr<PredictionWriter> make_tag_writer(std::vector<NamedModel> models, const PredictionFormat& format) {
    if (format.output.format == cli::OutputFormat::csv) {
        return std::make_unique<TagCsvWriter>(std::move(models), format);
    }
    return std::make_unique<TagPageWriter>(std::move(models), format);
}

}  // namespace earmark::commands
