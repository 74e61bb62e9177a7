#include "earmark/evaluation_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "cli/output/records.hpp"
#include "cli/output/text_width.hpp"
#include "cli/output/wrapped_print.hpp"
#include "evaluation/evaluation_json.hpp"
#include "evaluation/exposure_notes.hpp"

namespace earmark::commands {

using cli::Cell;
using cli::Column;
using cli::ColumnKind;
using evaluation::ClassMetrics;
using evaluation::Evaluation;
using evaluation::LevelMetrics;

namespace {

Cell cell(const std::optional<double>& value) {
    return value ? Cell(*value) : Cell().shows("-");
}

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100.0 * share);
}

void print_head(const cli::OutputOptions& options, const Evaluation& evaluation) {
    std::vector<std::pair<std::string, std::string>> facts = {
        {"model", evaluation.model}, {"split", evaluation.split}, {"part", evaluation.part}};
    for (const std::string& note : evaluation::exposure_notes(evaluation)) facts.emplace_back("note", note);
    cli::print_facts(options, facts);
}

/// Accuracy and the like, of segments and of tracks.
void print_figures(const cli::OutputOptions& options, const Evaluation& evaluation) {
    const LevelMetrics& segments = evaluation.metrics.segments;
    const LevelMetrics& tracks = evaluation.metrics.tracks;
    cli::RecordWriter writer(options, {{.name = "figure", .heading = " "},
                                       {.name = "segments", .kind = ColumnKind::number, .decimals = 3},
                                       {.name = "tracks", .kind = ColumnKind::number, .decimals = 3}});
    const auto shares = [&](const char* name, double of_segments, double of_tracks) {
        writer.write({name, Cell(of_segments).shows(percent(of_segments)), Cell(of_tracks).shows(percent(of_tracks))});
    };
    const auto interval = [](const evaluation::Interval& each) {
        return Cell(each.low).shows(fmt::format("{:.1f} to {:.1f} %", 100.0 * each.low, 100.0 * each.high));
    };
    const auto count = [](std::int64_t items) { return Cell(items).shows(std::to_string(items)); };
    writer.write({"count", count(segments.items), count(tracks.items)});
    shares("accuracy", segments.accuracy, tracks.accuracy);
    writer.write({"  95 % interval", interval(segments.accuracy_interval), interval(tracks.accuracy_interval)});
    writer.write({"loss", segments.loss, tracks.loss});
    writer.write({"macro F1", cell(segments.macro_f1), cell(tracks.macro_f1)});
    writer.write({"macro ROC-AUC", cell(segments.macro_auc), cell(tracks.macro_auc)});
    writer.write({"Brier score", segments.brier, tracks.brier});
    writer.write({"calibration error", segments.calibration_error, tracks.calibration_error});
    writer.finish();
    if (evaluation.threshold) {
        cli::print_wrapped(
            fmt::format("threshold {:.3f}: {}", *evaluation.threshold, evaluation::coverage_text(evaluation)));
    }
}

/// ROC-AUC and the like where any number of labels may hold, of segments and of tracks.
void print_label_figures(const cli::OutputOptions& options, const evaluation::ManyLabelMetrics& metrics) {
    using evaluation::LabelMetrics;
    cli::RecordWriter writer(options, {{.name = "figure", .heading = " "},
                                       {.name = "segments", .kind = ColumnKind::number, .decimals = 3},
                                       {.name = "tracks", .kind = ColumnKind::number, .decimals = 3}});
    const auto interval = [](const evaluation::Interval& each) {
        return Cell(each.low).shows(fmt::format("{:.3f} to {:.3f}", each.low, each.high));
    };
    const auto row = [&](const std::string& name, const auto& get) {
        writer.write({name, get(metrics.segments), get(metrics.tracks)});
    };
    row("count", [](const LabelMetrics& each) { return Cell(each.items).shows(std::to_string(each.items)); });
    row("macro ROC-AUC", [](const LabelMetrics& each) { return cell(each.macro_roc_auc); });
    row("  95 % interval", [&](const LabelMetrics& each) { return interval(each.macro_roc_auc_interval); });
    row("macro PR-AUC (mAP)", [](const LabelMetrics& each) { return cell(each.macro_pr_auc); });
    row("  95 % interval", [&](const LabelMetrics& each) { return interval(each.macro_pr_auc_interval); });
    row("micro ROC-AUC", [](const LabelMetrics& each) { return cell(each.micro_roc_auc); });
    const std::array<std::pair<const char*, const evaluation::PrecisionRecall LabelMetrics::*>, 3> means{
        {{"micro", &LabelMetrics::micro}, {"macro", &LabelMetrics::macro}, {"per track", &LabelMetrics::samples}}};
    for (const auto& [name, mean] : means) {
        row(fmt::format("precision, {}", name),
            [&, mean = mean](const LabelMetrics& each) { return Cell((each.*mean).precision); });
        row(fmt::format("recall, {}", name),
            [&, mean = mean](const LabelMetrics& each) { return Cell((each.*mean).recall); });
        row(fmt::format("F1, {}", name), [&, mean = mean](const LabelMetrics& each) { return Cell((each.*mean).f1); });
    }
    row("Hamming loss", [](const LabelMetrics& each) { return Cell(each.hamming_loss); });
    row("  95 % interval", [&](const LabelMetrics& each) { return interval(each.hamming_loss_interval); });
    row("all labels right", [](const LabelMetrics& each) { return Cell(each.subset_accuracy); });
    row("ranking loss", [](const LabelMetrics& each) { return Cell(each.ranking_loss); });
    row("ranking precision", [](const LabelMetrics& each) { return Cell(each.ranking_precision); });
    for (std::size_t i = 0; i < metrics.tracks.hits.size(); ++i) {
        row(fmt::format("precision at {}", metrics.tracks.hits[i].k),
            [i](const LabelMetrics& each) { return Cell(each.hits[i].precision); });
    }
    row("loss", [](const LabelMetrics& each) { return Cell(each.loss); });
    writer.finish();
}

/// The figures of each label: for tracks, and where there is room for segments.
void write_labels(const cli::OutputOptions& options, const Evaluation& evaluation) {
    std::vector<Column> columns{{.name = "label", .fit = cli::Fit::keep}};
    const int decimals = options.format == cli::OutputFormat::csv ? 6 : 3;
    for (const auto& [level, heading] : {std::pair{"track", "tracks"}, {"segment", "segments"}}) {
        const cli::Fit fit = columns.size() == 1 ? cli::Fit::keep : cli::Fit::drop;
        columns.push_back(
            {.name = fmt::format("{}s", level), .kind = ColumnKind::integer, .heading = heading, .fit = fit});
        for (const auto& [name, short_name] : std::array<std::pair<const char*, const char*>, 5>{
                 {{"roc_auc", "ROC"}, {"pr_auc", "PR"}, {"precision", "prec."}, {"recall", "recall"}, {"f1", "F1"}}}) {
            columns.push_back({.name = fmt::format("{}_{}", level, name),
                               .kind = ColumnKind::number,
                               .heading = short_name,
                               .fit = fit,
                               .decimals = decimals});
        }
    }
    columns.push_back({.name = "threshold", .kind = ColumnKind::number, .fit = cli::Fit::drop, .decimals = decimals});
    cli::RecordWriter writer(options, std::move(columns));
    for (std::size_t i = 0; i < evaluation.labels.size(); ++i) {
        cli::RecordWriter::Record record{evaluation.labels[i]};
        for (const auto* level : {&evaluation.many_labels->tracks, &evaluation.many_labels->segments}) {
            const evaluation::LabelFigures& each = level->labels[i];
            record.emplace_back(each.positives);
            for (const std::optional<double>& value : {each.roc_auc, each.pr_auc, each.precision, each.recall, each.f1})
                record.push_back(cell(value));
        }
        record.emplace_back(evaluation.many_labels->tracks.labels[i].threshold);
        writer.write(std::move(record));
    }
    writer.finish();
}

/// Precision, recall and the like of each genre: for tracks, and where there is room for segments.
void write_genres(const cli::OutputOptions& options, const Evaluation& evaluation) {
    std::vector<Column> columns{{.name = "genre", .fit = cli::Fit::keep}};
    for (const auto& [level, heading] : {std::pair{"track", "tracks"}, {"segment", "segments"}}) {
        const cli::Fit fit = columns.size() == 1 ? cli::Fit::keep : cli::Fit::drop;
        columns.push_back(
            {.name = fmt::format("{}s", level), .kind = ColumnKind::integer, .heading = heading, .fit = fit});
        for (const auto& [name, short_name] : std::array<std::pair<const char*, const char*>, 4>{
                 {{"precision", "prec."}, {"recall", "recall"}, {"f1", "F1"}, {"roc_auc", "AUC"}}}) {
            columns.push_back({.name = fmt::format("{}_{}", level, name),
                               .kind = ColumnKind::number,
                               .heading = short_name,
                               .fit = fit,
                               .decimals = options.format == cli::OutputFormat::csv ? 6 : 3});
        }
    }
    cli::RecordWriter writer(options, std::move(columns));
    for (std::size_t i = 0; i < evaluation.labels.size(); ++i) {
        cli::RecordWriter::Record record{evaluation.labels[i]};
        for (const LevelMetrics* level : {&evaluation.metrics.tracks, &evaluation.metrics.segments}) {
            const ClassMetrics& each = level->classes[i];
            record.emplace_back(each.items);
            for (const std::optional<double>& value : {each.precision, each.recall, each.f1, each.auc})
                record.push_back(cell(value));
        }
        writer.write(std::move(record));
    }
    writer.finish();
}

struct Confusion {
    std::int64_t count = 0;
    std::size_t truth = 0;
    std::size_t prediction = 0;
};

/// The confused genres, the most frequent first: for windows that the matrix does not fit.
void print_confusions(const cli::OutputOptions& options, const Evaluation& evaluation) {
    constexpr std::size_t most = 10;
    const std::size_t classes = evaluation.labels.size();
    std::vector<Confusion> found;
    for (std::size_t i = 0; i < classes * classes; ++i) {
        const std::int64_t count = evaluation.metrics.tracks.confusion[i];
        if (count > 0 && i / classes != i % classes) found.push_back({count, i / classes, i % classes});
    }
    std::ranges::stable_sort(found, std::ranges::greater(), &Confusion::count);
    if (found.size() > most) found.resize(most);
    fmt::print("\nConfused most often (tracks)\n");
    cli::RecordWriter writer(options, {{.name = "tracks", .kind = ColumnKind::integer}, {"genre"}, {"prediction"}});
    for (const Confusion& each : found) {
        writer.write({each.count, evaluation.labels[each.truth], evaluation.labels[each.prediction]});
    }
    writer.finish();
}

void print_confusion(const cli::OutputOptions& options, const Evaluation& evaluation) {
    constexpr std::size_t gap = 2;
    constexpr std::size_t least = 4;
    const std::size_t classes = evaluation.labels.size();
    std::size_t label_width = 0;
    for (const std::string& label : evaluation.labels)
        label_width = std::max(label_width, cli::display_width(cli::cell_text(label)));
    const std::size_t window = cli::output_width().value_or(std::max<std::size_t>(100, label_width + classes * 6));
    const std::size_t room = window > label_width ? (window - label_width) / classes : 0;
    if (room < gap + least) return print_confusions(options, evaluation);
    fmt::print("\nConfusion of tracks (rows: genre, columns: prediction)\n");
    std::vector<Column> columns{{.name = "genre", .heading = " ", .fit = cli::Fit::keep}};
    for (const std::string& label : evaluation.labels) {
        const std::string heading = cli::shortened(cli::cell_text(label), std::min<std::size_t>(room - gap, 9));
        columns.push_back({.name = label, .kind = ColumnKind::integer, .heading = heading});
    }
    cli::RecordWriter writer(options, std::move(columns));
    for (std::size_t row = 0; row < classes; ++row) {
        cli::RecordWriter::Record record{evaluation.labels[row]};
        for (std::size_t column = 0; column < classes; ++column) {
            const std::int64_t count = evaluation.metrics.tracks.confusion[row * classes + column];
            Cell number(count);
            if (count == 0) number.shows(".").styled(cli::Style::faint);
            record.push_back(row == column && count > 0 ? number.styled(cli::Style::good) : number);
        }
        writer.write(std::move(record));
    }
    writer.finish();
}

void print_errors(const cli::OutputOptions& options, const std::vector<evaluation::TrackError>& errors) {
    fmt::print("\nMost confident errors\n{}", errors.empty() ? "none\n" : "");
    const bool named = std::ranges::any_of(
        errors, [](const evaluation::TrackError& error) { return !error.artist.empty() || !error.title.empty(); });
    const unsigned titles = named ? unsigned{cli::everywhere} : 0U;
    cli::RecordWriter writer(options, {{.name = "probability", .kind = ColumnKind::probability, .heading = "prob."},
                                       {.name = "prediction", .fit = cli::Fit::keep},
                                       {.name = "genre", .fit = cli::Fit::keep},
                                       {.name = "track", .kind = ColumnKind::path},
                                       {.name = "artist", .formats = titles, .fit = cli::Fit::drop},
                                       {.name = "title", .formats = titles, .fit = cli::Fit::drop}});
    for (const evaluation::TrackError& error : errors)
        writer.write({error.probability, error.prediction, error.genre, error.track, error.artist, error.title});
    writer.finish();
}

}  // namespace

void print_evaluation(const cli::OutputOptions& options, const Evaluation& evaluation,
                      const std::vector<evaluation::TrackError>* errors) {
    switch (options.format) {
        case cli::OutputFormat::json: {
            nlohmann::ordered_json json = evaluation::to_json(evaluation);
            if (errors != nullptr) json["errors"] = evaluation::to_json(*errors);
            fmt::print("{}\n", cli::json_line(json));
            break;
        }
        case cli::OutputFormat::csv:
            if (evaluation.many_labels) {
                write_labels(options, evaluation);
            } else {
                write_genres(options, evaluation);
            }
            break;
        case cli::OutputFormat::table:
            print_head(options, evaluation);
            fmt::print("\n");
            if (evaluation.many_labels) {
                print_label_figures(options, *evaluation.many_labels);
                fmt::print("\n");
                write_labels(options, evaluation);
                break;
            }
            print_figures(options, evaluation);
            fmt::print("\n");
            write_genres(options, evaluation);
            print_confusion(options, evaluation);
            if (errors != nullptr) print_errors(options, *errors);
            break;
    }
}

}  // namespace earmark::commands
