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

std::optional<DotValue> accuracy_of(const std::optional<PartSummary>& part) {
    if (!part || !part->segments) return {};
    return DotValue{part->segments->accuracy.mean, part->segments->interval};
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

/// What tells the lines of a sweep apart: the grid, and the other options that it spans.
std::string line_of(const SettingRow& row, const ExperimentTable& table) {
    std::vector<std::string> others = row.grid->spanning;
    std::erase(others, table.sweep);
    const std::string options = described(*row.options, others);
    if (table.grids.size() < 2) return options;
    return row.grid->title + (options.empty() ? "" : ", " + options);
}

using Measure = double EpochRecord::*;

CourseBand band_of(const SettingRow& row, Measure measure) {
    std::vector<std::vector<double>> courses;
    for (const RunRecord* run : row.finished) {
        std::vector<double>& course = courses.emplace_back();
        for (const EpochRecord& epoch : run->history) course.push_back(epoch.*measure);
    }
    return CourseBand::of(courses);
}

std::optional<double> last_of(const CourseBand& band) {
    for (std::size_t i = band.mean.size(); i-- > 0;) {
        if (std::isfinite(band.mean[i])) return band.mean[i];
    }
    return {};
}

CourseRow course_row(const CurvePanel& panel, const SettingRow& row) {
    CourseRow course{.title = panel.title,
                     .train_accuracy = band_of(row, &EpochRecord::train_accuracy),
                     .judged_accuracy = band_of(row, &EpochRecord::test_accuracy),
                     .train_loss = band_of(row, &EpochRecord::train_loss),
                     .judged_loss = band_of(row, &EpochRecord::test_loss)};
    if (!course.judged_accuracy.measured() && !course.judged_loss.measured()) {
        course.judged = "validation";
        course.judged_accuracy = band_of(row, &EpochRecord::valid_accuracy);
        course.judged_loss = band_of(row, &EpochRecord::valid_loss);
    }
    return course;
}

std::string gap_of(const CourseRow& row, std::size_t runs) {
    const std::optional<double> train = last_of(row.train_accuracy);
    const std::optional<double> judged = last_of(row.judged_accuracy);
    if (!train || !judged) return "";
    return fmt::format("{} ({}) {} % in training and {} % in {}, {} points apart", row.title, counted(runs, "run"),
                       percent(*train), percent(*judged), row.judged, decimal(100.0 * std::abs(*train - *judged), 1));
}

}  // namespace

std::optional<ReportFigure> worth_figure(const Experiment& experiment, const std::vector<ProtocolRows>& protocols,
                                         const std::vector<SharedSetting>& shared) {
    if (shared.empty()) return {};
    std::vector<std::string> series;
    for (const ProtocolRows& protocol : protocols) series.push_back(protocol.name());
    std::vector<DotRow> rows;
    bool others = false;
    for (const SharedSetting& setting : shared) {
        DotRow& row = rows.emplace_back(DotRow{.name = setting.family, .detail = {}, .values = {}, .reference = {}});
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
    const bool referenced = std::ranges::any_of(rows, [](const DotRow& row) { return row.reference.has_value(); });
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
        .file = "protocols", .name = "", .caption = caption, .draw = [series, rows](const FigureTarget& target) {
            save_dot_figure(target, "What the protocols are worth", "segments right (%)", series, rows, "the paper");
        }};
}

std::optional<ReportFigure> sweep_figure(const ExperimentTable& table, const ProtocolRows& protocol) {
    if (table.sweep.empty()) return {};
    const Rows rows = rows_of(protocol, table.grids);
    const std::vector<nlohmann::ordered_json> values = values_of(rows, table.sweep);
    const bool validation = protocol.protocol->compares_by_validation();
    const bool paper = table.paper_protocol == protocol.protocol->name;
    std::vector<SweepSeries> series;
    bool ours = false;
    bool theirs = false;
    for (const SettingRow* row : rows) {
        if (!row->options->contains(table.sweep)) continue;
        SweepPoint point;
        point.place =
            static_cast<std::size_t>(std::ranges::find(values, (*row->options)[table.sweep]) - values.begin());
        point.ours = accuracy_of(validation ? row->valid : row->test);
        if (paper) {
            if (const PaperFigure* figure = paper_figure(table, *row->grid, *row->options)) {
                point.reference = figure->accuracy;
            }
        }
        const std::string name = line_of(*row, table);
        auto line = std::ranges::find(series, name, &SweepSeries::name);
        if (line == series.end()) line = series.insert(series.end(), SweepSeries{.name = name, .points = {}});
        line->points.push_back(point);
        ours = ours || point.ours.has_value();
        theirs = theirs || point.reference.has_value();
    }
    if (!ours) return {};
    for (SweepSeries& line : series) std::ranges::stable_sort(line.points, {}, &SweepPoint::place);
    std::vector<std::string> places;
    for (const auto& value : values) places.push_back(value_of({{table.sweep, value}}, table.sweep));
    const std::string part = validation ? "validation" : "test";
    const std::string title = fmt::format("{}, under {}", table.name, protocol.name());
    return ReportFigure{
        .file = slug(fmt::format("{} {}", table.name, protocol.protocol->name)),
        .name = "",
        .caption = fmt::format(
            "{} as a picture, under {}: segments right of the {} part against {}, with 95\u00a0% intervals over "
            "tracks.{}",
            table.name, protocol.protocol->title, part, table.sweep,
            theirs ? " Hollow marks on dashed lines: the paper." : ""),
        .leaky = protocol.leaky,
        .draw = [title, option = table.sweep, part, places, series](const FigureTarget& target) {
            save_sweep_figure(target, title, option, fmt::format("{} segments right (%)", part), places, series,
                              "the paper");
        }};
}

std::optional<ReportFigure> curves_figure(const ExperimentFigure& figure, const ProtocolRows& protocol) {
    std::vector<CourseRow> rows;
    std::string gaps;
    for (const CurvePanel& panel : figure.curves) {
        const auto row = std::ranges::find_if(protocol.rows, [&](const SettingRow& each) {
            return each.grid->name == panel.grid && has_options(*each.grid, *each.options, panel.options);
        });
        if (row == protocol.rows.end()) continue;
        CourseRow course = course_row(panel, *row);
        if (!course.train_accuracy.measured() && !course.judged_accuracy.measured()) continue;
        const std::string gap = gap_of(course, row->finished.size());
        if (!gap.empty()) gaps += (gaps.empty() ? " After the last epoch: " : "; ") + gap;
        rows.push_back(std::move(course));
    }
    if (rows.empty()) return {};
    if (!gaps.empty()) gaps += ".";
    const std::string title = fmt::format("{}, under {}", figure.name, protocol.name());
    return ReportFigure{
        .file = slug(figure.name),
        .name = figure.name,
        .caption = fmt::format("{}, under {}. Lines are means over the seeds, bands their range.{}{}{}", figure.title,
                               protocol.protocol->title, gaps, figure.note.empty() ? "" : " ", figure.note),
        .leaky = protocol.leaky,
        .draw = [title, rows](const FigureTarget& target) { save_course_sheet(target, title, rows); }};
}

ReportFigure clips_figure(const ExperimentFigure& figure, const std::filesystem::path& data) {
    SignalSheet sheet{.title = fmt::format("{}: {}", figure.name, figure.title), .columns = {}};
    for (const std::string& clip : figure.clips) {
        SignalFigure& column = sheet.columns.emplace_back();
        // GTZAN's files are GENRE/GENRE.NUMBER.wav: the name says the genre.
        column.title = std::filesystem::path(clip).stem().string();
        for (const char* kind : {"waveform", "mfcc"}) column.panels.push_back(make_panel(kind, FeatureOptions{}));
        hear_figure(data / clip, {0.0, figure.clip_seconds}, column);
    }
    return ReportFigure{
        .file = slug(figure.name),
        .name = figure.name,
        .caption = fmt::format("{}. The first {:g} s of each clip, on the same scales.{}{}", figure.title,
                               figure.clip_seconds, figure.note.empty() ? "" : " ", figure.note),
        .draw = [sheet](const FigureTarget& target) { save_signal_sheet(target, sheet); }};
}

std::optional<ReportFigure> confusion_figure(const std::string& family, const ProtocolRows& protocol,
                                             const std::vector<std::string>& genres) {
    const SettingRow* best = best_of(protocol, rows_of_family(protocol, family));
    if (best == nullptr || !best->test || !best->test->segments) return {};
    const std::vector<std::int64_t>& counts = best->test->segments->confusion;
    if (genres.empty() || counts.size() != genres.size() * genres.size()) return {};
    const std::string title = fmt::format("{}, under {}", family, protocol.name());
    return ReportFigure{
        .file = slug(fmt::format("confusion {} {}", family, protocol.protocol->name)),
        .name = "",
        .caption = fmt::format("{} under {}, {}: segments of the test part, summed over {}. Shares are of the row.",
                               family, protocol.protocol->title, best->setting, counted(best->finished.size(), "run")),
        .leaky = protocol.leaky,
        .draw = [title, genres, counts](const FigureTarget& target) {
            save_confusion_matrix(target, title, genres, counts);
        }};
}

}  // namespace earmark::report
