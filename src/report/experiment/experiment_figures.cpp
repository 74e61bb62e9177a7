#include "report/experiment/experiment_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/html.hpp"
#include "plot/charts/confusion_figure.hpp"
#include "plot/charts/sweep_figure.hpp"
#include "plot/signal/load_signal.hpp"
#include "plot/signal/time_sheet.hpp"
#include "report/experiment/experiment_tables.hpp"
#include "report/html/report_numbers.hpp"

namespace earmark::report {

namespace {

std::optional<plot::DotValue> accuracy_of(const std::optional<PartSummary>& part) {
    if (!part || !part->segments) return {};
    return plot::DotValue{part->segments->accuracy.mean, part->segments->interval};
}

/// The values of an option in `rows`, numbers in their order, others as they come.
std::vector<nlohmann::ordered_json> values_of(const Rows& rows, const std::string& option) {
    std::vector<nlohmann::ordered_json> values;
    for (const SettingRow* row : rows) {
        if (!row->options->contains(option)) continue;
        const auto& value = (*row->options)[option];
        if (std::ranges::find(values, value) == values.end()) values.push_back(value);
    }
    if (std::ranges::all_of(values, [](const auto& value) { return value.is_number(); })) {
        std::ranges::stable_sort(
            values, [](const auto& a, const auto& b) { return a.template get<double>() < b.template get<double>(); });
    }
    return values;
}

/// The label of a line in a sweep: the grid, and the other options that it spans.
std::string line_of(const SettingRow& row, const experiment::ExperimentTable& table) {
    std::vector<std::string> others = row.grid->spanning;
    std::erase(others, table.sweep);
    const std::string options = described(*row.options, others);
    if (table.grids.size() < 2) return options;
    return row.grid->title + (options.empty() ? "" : ", " + options);
}

using Measure = double experiment::EpochRecord::*;

plot::CurveBand band_of(const SettingRow& row, Measure measure) {
    std::vector<std::vector<double>> curves;
    for (const experiment::RunRecord* run : row.finished) {
        std::vector<double>& curve = curves.emplace_back();
        for (const experiment::EpochRecord& epoch : run->history) curve.push_back(epoch.*measure);
    }
    return plot::CurveBand::of(curves);
}

std::optional<double> last_of(const plot::CurveBand& band) {
    for (std::size_t i = band.mean.size(); i-- > 0;) {
        if (std::isfinite(band.mean[i])) return band.mean[i];
    }
    return {};
}

plot::CurveRow curve_row(const experiment::CurvePanel& panel, const SettingRow& row) {
    plot::CurveRow curve{.title = panel.title,
                         .train_accuracy = band_of(row, &experiment::EpochRecord::train_accuracy),
                         .evaluated_accuracy = band_of(row, &experiment::EpochRecord::test_accuracy),
                         .train_loss = band_of(row, &experiment::EpochRecord::train_loss),
                         .evaluated_loss = band_of(row, &experiment::EpochRecord::test_loss)};
    if (!curve.evaluated_accuracy.measured() && !curve.evaluated_loss.measured()) {
        curve.judged = "validation";
        curve.evaluated_accuracy = band_of(row, &experiment::EpochRecord::valid_accuracy);
        curve.evaluated_loss = band_of(row, &experiment::EpochRecord::valid_loss);
    }
    return curve;
}

std::string gap_of(const plot::CurveRow& row, std::size_t runs) {
    const std::optional<double> train = last_of(row.train_accuracy);
    const std::optional<double> judged = last_of(row.evaluated_accuracy);
    if (!train || !judged) return "";
    return fmt::format("{} ({}) {} % in training and {} % in {}, {} points apart", row.title, counted(runs, "run"),
                       percent(*train), percent(*judged), row.judged, decimal(100.0 * std::abs(*train - *judged), 1));
}

}  // namespace

std::optional<ReportFigure> protocol_comparison_figure(const experiment::Experiment& experiment,
                                                       const std::vector<ProtocolRows>& protocols,
                                                       const std::vector<SharedSetting>& shared) {
    if (shared.empty()) return {};
    std::vector<std::string> series;
    for (const ProtocolRows& protocol : protocols) series.push_back(protocol.name());
    std::vector<plot::DotRow> rows;
    bool others = false;
    for (const SharedSetting& setting : shared) {
        plot::DotRow& row =
            rows.emplace_back(plot::DotRow{.name = setting.family, .detail = {}, .values = {}, .reference = {}});
        for (const SettingRow* each : setting.rows) {
            row.values.push_back(each == nullptr ? std::nullopt : accuracy_of(each->test));
            if (each == nullptr || !row.detail.empty()) continue;
            row.detail = each->setting;
            if (const auto paper = paper_accuracy(experiment, *each)) {
                row.reference = paper->accuracy;
                others = others || !paper->same_setting;
            }
        }
    }
    const bool referenced =
        std::ranges::any_of(rows, [](const plot::DotRow& row) { return row.reference.has_value(); });
    std::string caption =
        "Segments right of the test part, the same setting of each family under each protocol: mean over the seeds and "
        "95\u00a0% interval over tracks.";
    if (std::ranges::any_of(shared, &SharedSetting::chosen_otherwise)) {
        caption +=
            " Where a protocol chooses its settings and chose another, it is that one; the tables below name it.";
    }
    if (referenced) {
        caption += others
                       ? " Dashed: the paper's figure for the setting, or, where it has none, its best of the family."
                       : " Dashed: the paper's figure for the setting.";
    }
    return ReportFigure{
        .file = "protocols", .name = "", .caption = caption, .draw = [series, rows](const plot::FigureTarget& target) {
            plot::save_dot_figure(target, "What the protocols are worth", "segments right (%)", series, rows,
                                  "the paper");
        }};
}

std::optional<ReportFigure> sweep_figure(const experiment::ExperimentTable& table, const ProtocolRows& protocol) {
    if (table.sweep.empty()) return {};
    const Rows rows = rows_of(protocol, table.grids);
    const std::vector<nlohmann::ordered_json> values = values_of(rows, table.sweep);
    const bool validation = protocol.protocol->compares_by_validation();
    const bool paper = table.paper_protocol == protocol.protocol->name;
    std::vector<plot::SweepSeries> series;
    bool ours = false;
    bool theirs = false;
    for (const SettingRow* row : rows) {
        if (!row->options->contains(table.sweep)) continue;
        plot::SweepPoint point;
        point.place =
            static_cast<std::size_t>(std::ranges::find(values, (*row->options)[table.sweep]) - values.begin());
        point.ours = accuracy_of(validation ? row->valid : row->test);
        if (paper) {
            if (const experiment::PaperFigure* figure = paper_figure(table, *row->grid, *row->options)) {
                point.reference = figure->accuracy;
            }
        }
        const std::string name = line_of(*row, table);
        auto line = std::ranges::find(series, name, &plot::SweepSeries::name);
        if (line == series.end()) line = series.insert(series.end(), plot::SweepSeries{.name = name, .points = {}});
        line->points.push_back(point);
        ours = ours || point.ours.has_value();
        theirs = theirs || point.reference.has_value();
    }
    if (!ours) return {};
    for (plot::SweepSeries& line : series) std::ranges::stable_sort(line.points, {}, &plot::SweepPoint::place);
    std::vector<std::string> places;
    for (const auto& value : values) places.push_back(value_of({{table.sweep, value}}, table.sweep));
    const std::string part = validation ? "validation" : "test";
    const std::string title = fmt::format("{}, under {}", table.name, protocol.name());
    return ReportFigure{
        .file = formats::slug(fmt::format("{} {}", table.name, protocol.protocol->name)),
        .name = "",
        .caption = fmt::format(
            "{} as a picture, under {}: segments right of the {} part against {}, with 95\u00a0% intervals over "
            "tracks.{}",
            table.name, protocol.protocol->title, part, table.sweep,
            theirs ? " Hollow marks on dashed lines: the paper." : ""),
        .leaky = protocol.leaky,
        .draw = [title, option = table.sweep, part, places, series](const plot::FigureTarget& target) {
            plot::save_sweep_figure(target, title, option, fmt::format("{} segments right (%)", part), places, series,
                                    "the paper");
        }};
}

std::optional<ReportFigure> curves_figure(const experiment::ExperimentFigure& figure, const ProtocolRows& protocol) {
    std::vector<plot::CurveRow> rows;
    std::string gaps;
    for (const experiment::CurvePanel& panel : figure.curves) {
        const auto row = std::ranges::find_if(protocol.rows, [&](const SettingRow& each) {
            return each.grid->name == panel.grid && has_options(*each.grid, *each.options, panel.options);
        });
        if (row == protocol.rows.end()) continue;
        plot::CurveRow curve = curve_row(panel, *row);
        if (!curve.train_accuracy.measured() && !curve.evaluated_accuracy.measured()) continue;
        const std::string gap = gap_of(curve, row->finished.size());
        if (!gap.empty()) gaps += (gaps.empty() ? " After the last epoch: " : "; ") + gap;
        rows.push_back(std::move(curve));
    }
    if (rows.empty()) return {};
    if (!gaps.empty()) gaps += ".";
    const std::string title = fmt::format("{}, under {}", figure.name, protocol.name());
    return ReportFigure{
        .file = formats::slug(figure.name),
        .name = figure.name,
        .caption = fmt::format("{}, under {}. Lines are means over the seeds, bands their range.{}{}{}", figure.title,
                               protocol.protocol->title, gaps, figure.note.empty() ? "" : " ", figure.note),
        .leaky = protocol.leaky,
        .draw = [title, rows](const plot::FigureTarget& target) { plot::save_time_sheet(target, title, rows); }};
}

ReportFigure clips_figure(const experiment::ExperimentFigure& figure, const std::filesystem::path& data) {
    plot::SignalSheet sheet{.title = fmt::format("{}: {}", figure.name, figure.title), .columns = {}};
    for (const std::string& clip : figure.clips) {
        plot::SignalFigure& column = sheet.columns.emplace_back();
        // GTZAN's files are GENRE/GENRE.NUMBER.wav: the name says the genre.
        column.title = std::filesystem::path(clip).stem().string();
        for (const char* kind : {"waveform", "mfcc"}) column.panels.push_back(plot::make_panel(kind, FeatureOptions{}));
        plot::load_signal(data / clip, {0.0, figure.clip_seconds}, column);
    }
    return ReportFigure{
        .file = formats::slug(figure.name),
        .name = figure.name,
        .caption = fmt::format("{}. The first {:g} s of each clip, on the same scales.{}{}", figure.title,
                               figure.clip_seconds, figure.note.empty() ? "" : " ", figure.note),
        .draw = [sheet](const plot::FigureTarget& target) { plot::save_signal_sheet(target, sheet); }};
}

std::optional<ReportFigure> confusion_figure(const std::string& family, const ProtocolRows& protocol,
                                             const std::vector<std::string>& genres) {
    const SettingRow* best = best_of(protocol, rows_of_family(protocol, family));
    if (best == nullptr || !best->test || !best->test->segments) return {};
    const std::vector<std::int64_t>& counts = best->test->segments->confusion;
    if (genres.empty() || counts.size() != genres.size() * genres.size()) return {};
    const std::string title = fmt::format("{}, under {}", family, protocol.name());
    return ReportFigure{
        .file = formats::slug(fmt::format("confusion {} {}", family, protocol.protocol->name)),
        .name = "",
        .caption = fmt::format("{} under {}, {}: segments of the test part, summed over {}. Shares are of the row.",
                               family, protocol.protocol->title, best->setting, counted(best->finished.size(), "run")),
        .leaky = protocol.leaky,
        .draw = [title, genres, counts](const plot::FigureTarget& target) {
            plot::save_confusion_matrix(target, title, genres, counts);
        }};
}

}  // namespace earmark::report
