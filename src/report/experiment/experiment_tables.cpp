#include "report/experiment/experiment_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "report/html/report_numbers.hpp"

namespace earmark::report {

namespace {

using Cells = std::vector<TableCell>;

TableCell number(const std::string& text, double value) {
    return {.text = text, .value = value};
}
TableCell nothing() {
    return {.text = "\u2013"};
}

/// The sources of the columns of a table.
struct Shape {
    bool paper = false;       ///< the paper's figures beside ours
    bool paper_loss = false;  ///< its losses too
    bool validation = false;  ///< figures of the validation part, all of them
    std::vector<std::string> options;
    bool family = false;
    bool described = false;  ///< one column that describes the setting
    bool by_tracks = false;  ///< one column names the grid; figures of tracks and of their probabilities
    bool by_labels = false;  ///< likewise, figures of tracks that may have several labels
    bool uncertain = false;  ///< of those, how many tracks were named at all
    bool test = true;        ///< the part of those figures; else validation
};

std::vector<TableColumn> columns_of(const Shape& shape) {
    std::vector<TableColumn> columns;
    if (shape.by_tracks || shape.by_labels) columns.push_back({shape.test ? "network" : "trial", false});
    if (shape.family) columns.push_back({"family", false});
    if (shape.described) columns.push_back({"setting", false});
    for (const std::string& option : shape.options) columns.push_back({option});
    if (shape.by_labels) {
        for (const char* title : {"macro ROC-AUC", "mAP", "micro F1", "macro F1", "Hamming loss", "ranking loss",
                                  "parameters", "epoch kept", "runs"}) {
            columns.push_back({title});
        }
        return columns;
    }
    if (shape.by_tracks) {
        for (const char* title : {"segments right, %", "loss", "tracks right, %", "95 % interval", "tracks' loss",
                                  "tracks' calibration error"}) {
            columns.push_back({title});
        }
        if (shape.uncertain) columns.insert(columns.end(), {{"named, %"}, {"right of those, %"}});
        for (const char* title : {"parameters", "epoch kept", "runs"}) columns.push_back({title});
        return columns;
    }
    const std::string test = shape.validation ? "test: " : "";
    if (shape.validation) {
        for (const char* title : {"right, %", "95 % interval", "loss", "tracks right, %"}) {
            columns.push_back({std::string("validation: ") + title});
        }
    }
    columns.push_back({test + (shape.validation ? "right, %" : "segments right, %")});
    columns.push_back({test + "95 % interval"});
    if (shape.paper) {
        columns.push_back({"paper, %"});
        columns.push_back({"difference, points"});
    }
    columns.push_back({test + "loss"});
    if (shape.paper_loss) columns.push_back({"paper's loss"});
    columns.push_back({test + "tracks right, %"});
    columns.push_back({test + "macro F1"});
    columns.push_back({test + "macro AUC"});
    columns.push_back({"epoch kept"});
    columns.push_back({"runs"});
    return columns;
}

const LevelSummary* level(const std::optional<PartSummary>& part, std::optional<LevelSummary> PartSummary::*which) {
    return part && (*part).*which ? &*((*part).*which) : nullptr;
}

TableCell accuracy_cell(const LevelSummary* summary) {
    return summary == nullptr ? nothing() : number(percent(summary->accuracy), 100.0 * summary->accuracy.mean);
}
TableCell interval_cell(const LevelSummary* summary) {
    if (summary == nullptr || !summary->interval) return nothing();
    return number(percent(*summary->interval), 100.0 * summary->interval->low);
}
TableCell spread_cell(const std::optional<Spread>& spread, int decimals) {
    return spread && std::isfinite(spread->mean) ? number(decimal(*spread, decimals), spread->mean) : nothing();
}
TableCell loss_cell(const LevelSummary* summary) {
    return summary == nullptr ? nothing() : spread_cell(summary->loss, 3);
}

void add_paper(const LevelSummary* segments, const experiment::PaperFigure* paper, Cells& cells) {
    if (paper == nullptr || !paper->accuracy) {
        cells.insert(cells.end(), 2, nothing());
        return;
    }
    cells.push_back(number(percent(*paper->accuracy), 100.0 * *paper->accuracy));
    cells.push_back(segments == nullptr ? nothing()
                                        : number(points_between(segments->accuracy.mean, *paper->accuracy),
                                                 100.0 * (segments->accuracy.mean - *paper->accuracy)));
}

/// "32.3 of 40", means over the runs; empty without epochs.
TableCell epochs_cell(const SettingRow& row) {
    double epochs = 0.0;
    double kept = 0.0;
    for (const experiment::RunRecord* run : row.finished) {
        epochs += run->epochs;
        kept += run->kept_epoch;
    }
    if (epochs == 0.0) return nothing();
    const auto count = static_cast<double>(row.finished.size());
    const auto round = [](double mean) { return decimal(mean, mean == std::floor(mean) ? 0 : 1); };
    return number(round(kept / count) + " of " + round(epochs / count), kept / count);
}

TableCell runs_cell(const SettingRow& row) {
    const std::size_t finished = row.finished.size();
    TableCell cell =
        number(row.complete() ? fmt::format("{}", finished) : fmt::format("{} of {}", finished, row.planned),
               static_cast<double>(finished));
    if (finished + row.failed.size() > 0) cell.link = row.anchor;
    return cell;
}

/// An option's value, sorted as a number where it is one.
TableCell option_cell(const SettingRow& row, const std::string& option) {
    TableCell cell{.text = value_of(*row.options, option)};
    if (row.options->contains(option) && (*row.options)[option].is_number()) {
        cell.value = (*row.options)[option].get<double>();
    }
    return cell;
}

TableCell share_cell(const std::optional<Spread>& share) {
    return share ? number(percent(*share), 100.0 * share->mean) : nothing();
}

TableCell parameters_cell(const SettingRow& row) {
    const std::int64_t parameters = row.finished.empty() ? 0 : row.finished.front()->parameters;
    return parameters == 0 ? nothing() : number(fmt::format("{}", parameters), static_cast<double>(parameters));
}

void add_tracks(const SettingRow& row, const Shape& shape, Cells& cells) {
    const auto& part = shape.test ? row.test : row.valid;
    const LevelSummary* segments = level(part, &PartSummary::segments);
    const LevelSummary* tracks = level(part, &PartSummary::tracks);
    for (TableCell& cell : std::array{accuracy_cell(segments), loss_cell(segments), accuracy_cell(tracks),
                                      interval_cell(tracks), loss_cell(tracks)}) {
        cells.push_back(std::move(cell));
    }
    cells.push_back(tracks == nullptr ? nothing() : spread_cell(tracks->calibration_error, 3));
    if (shape.uncertain) {
        cells.push_back(tracks == nullptr ? nothing() : share_cell(tracks->coverage));
        cells.push_back(tracks == nullptr ? nothing() : share_cell(tracks->selective_accuracy));
    }
    cells.push_back(parameters_cell(row));
    cells.push_back(epochs_cell(row));
    cells.push_back(runs_cell(row));
}

void add_labels(const SettingRow& row, const Shape& shape, Cells& cells) {
    const LevelSummary* tracks = level(shape.test ? row.test : row.valid, &PartSummary::tracks);
    for (const auto figure : {&LevelSummary::macro_auc, &LevelSummary::macro_pr_auc, &LevelSummary::micro_f1,
                              &LevelSummary::macro_f1, &LevelSummary::hamming_loss, &LevelSummary::ranking_loss}) {
        cells.push_back(tracks == nullptr ? nothing() : spread_cell(tracks->*figure, 3));
    }
    cells.push_back(parameters_cell(row));
    cells.push_back(epochs_cell(row));
    cells.push_back(runs_cell(row));
}

Cells cells_of(const SettingRow& row, const Shape& shape, const experiment::PaperFigure* paper) {
    Cells cells;
    if (shape.by_tracks || shape.by_labels) cells.push_back({.text = row.grid->title});
    if (shape.family) cells.push_back({.text = row.grid->family});
    if (shape.described) cells.push_back({.text = row.setting});
    for (const std::string& option : shape.options) cells.push_back(option_cell(row, option));
    if (shape.by_tracks || shape.by_labels) {
        (shape.by_labels ? add_labels : add_tracks)(row, shape, cells);
        if (!row.complete()) cells.front().text += " \u2020";
        return cells;
    }
    if (shape.validation) {
        const LevelSummary* segments = level(row.valid, &PartSummary::segments);
        cells.push_back(accuracy_cell(segments));
        cells.push_back(interval_cell(segments));
        cells.push_back(loss_cell(segments));
        cells.push_back(accuracy_cell(level(row.valid, &PartSummary::tracks)));
    }
    const LevelSummary* segments = level(row.test, &PartSummary::segments);
    cells.push_back(accuracy_cell(segments));
    cells.push_back(interval_cell(segments));
    if (shape.paper) add_paper(segments, paper, cells);
    cells.push_back(loss_cell(segments));
    if (shape.paper_loss) {
        cells.push_back(paper != nullptr && paper->loss ? number(decimal(*paper->loss, 3), *paper->loss) : nothing());
    }
    cells.push_back(accuracy_cell(level(row.test, &PartSummary::tracks)));
    cells.push_back(segments == nullptr ? nothing() : spread_cell(segments->macro_f1, 3));
    cells.push_back(segments == nullptr ? nothing() : spread_cell(segments->macro_auc, 3));
    cells.push_back(epochs_cell(row));
    cells.push_back(runs_cell(row));
    if (!row.complete()) cells.front().text += " \u2020";
    return cells;
}

/// A row a family: the best of it.
Rows best_rows(const ProtocolRows& protocol, const Rows& rows) {
    Rows best;
    for (const std::string& family : families_of(rows)) {
        Rows of_family;
        std::ranges::copy_if(rows, std::back_inserter(of_family),
                             [&](const SettingRow* row) { return row->grid->family == family; });
        if (const SettingRow* found = best_of(protocol, of_family)) best.push_back(found);
    }
    return best;
}

std::string choice_note(const ProtocolRows& protocol, const Rows& rows) {
    if (protocol.protocol->choose) {
        const bool all = std::ranges::all_of(rows, [](const SettingRow* row) { return row->test.has_value(); });
        return all ? "Each family's setting was chosen on the validation part; its test part was then used once."
                   : "Each family's setting is the best on the validation part so far; where the choice is still to be "
                     "made there are no test figures.";
    }
    if (protocol.validated) {
        return "Each family's setting is the one with the best mean accuracy on the validation part.";
    }
    return "There is no validation part: each family's setting is the one with the best mean accuracy on the test "
           "part, "
           "chosen on the test part, which flatters it.";
}

/// The paper's rows that no setting here has.
std::vector<std::string> missing_notes(const experiment::ExperimentTable& table, const Rows& rows) {
    std::vector<std::string> notes;
    for (const experiment::PaperFigure& figure : table.paper) {
        const bool here = std::ranges::any_of(
            rows, [&](const SettingRow* row) { return has_options(*row->grid, *row->options, figure.options); });
        if (here) continue;
        std::vector<std::string> names;
        for (const auto& item : figure.options.items()) names.push_back(item.key());
        notes.push_back(fmt::format("The paper also has {}: {} %. No setting here is like it.",
                                    described(figure.options, names),
                                    figure.accuracy ? percent(*figure.accuracy) : "\u2013"));
    }
    return notes;
}

std::vector<std::string> spanning_of(const Rows& rows) {
    std::vector<std::string> names;
    for (const SettingRow* row : rows) {
        for (const std::string& name : row->grid->spanning) {
            if (std::ranges::find(names, name) == names.end()) names.push_back(name);
        }
    }
    return names;
}

}  // namespace

std::optional<ReportTable> results_table(const experiment::ExperimentTable& table, const ProtocolRows& protocol,
                                         const std::string& id) {
    const Rows all = rows_of(protocol, table.grids);
    if (all.empty()) return {};
    const Rows rows = table.best ? best_rows(protocol, all) : all;
    Shape shape{.paper = table.paper_protocol == protocol.protocol->name && !table.paper.empty(),
                .validation = protocol.protocol->compares_by_validation(),
                .options = table.columns,
                .family = table.best,
                .described = table.best && table.columns.empty(),
                .by_tracks = !table.by_labels && (table.by_tracks || !protocol.protocol->test),
                .by_labels = table.by_labels,
                .test = protocol.protocol->test};
    shape.uncertain = std::ranges::any_of(all, [](const SettingRow* row) { return row->grid->command == "calibrate"; });
    shape.paper_loss =
        shape.paper && std::ranges::any_of(table.paper, [](const auto& each) { return each.loss.has_value(); });
    if (!table.best && shape.options.empty()) shape.options = spanning_of(all);
    const bool named = shape.by_tracks || shape.by_labels;
    if (!table.best && shape.options.empty() && !named) shape.described = true;

    ReportTable result{.id = id,
                       .caption = fmt::format("{}: {}, under {}", table.name, table.title, protocol.protocol->title),
                       .leaky = protocol.leaky,
                       .columns = columns_of(shape),
                       .rows = {},
                       .notes = {}};
    bool incomplete = false;
    for (const SettingRow* row : rows) {
        result.rows.push_back(
            cells_of(*row, shape, shape.paper ? paper_figure(table, *row->grid, *row->options) : nullptr));
        incomplete = incomplete || !row->complete();
    }
    const std::size_t first = (named ? 1U : 0U) + (shape.family ? 1U : 0U) + (shape.described ? 1U : 0U);
    for (std::size_t i = first; i < first + shape.options.size(); ++i) {
        // Words stand at the left.
        result.columns[i].numeric =
            std::ranges::any_of(result.rows, [&](const Cells& row) { return row[i].value.has_value(); });
    }
    if (!table.note.empty()) result.notes.push_back(table.note);
    if (!shape.test)
        result.notes.emplace_back("All figures are of the validation part; the test part was not looked at.");
    if (table.best && !rows.empty()) {
        result.notes.push_back(choice_note(protocol, rows));
    } else if (protocol.protocol->choose) {
        result.notes.emplace_back(
            "All settings have figures of the validation part. The test part was kept for the settings chosen by them, "
            "one a family; for all others its figures are not known, which an en dash says.");
    }
    if (shape.paper) {
        for (std::string& note : missing_notes(table, all)) result.notes.push_back(std::move(note));
    }
    if (incomplete) result.notes.emplace_back("\u2020 Not all planned runs are finished.");
    return result;
}

ReportTable protocol_comparison(const std::vector<SharedSetting>& shared, const ProtocolRows& protocol,
                                std::size_t index) {
    ReportTable table{.id = fmt::format("worth-{}", index + 1),
                      .caption = fmt::format("The same settings under {}", protocol.protocol->title),
                      .leaky = protocol.leaky,
                      .columns = {{"family", false},
                                  {"setting", false},
                                  {"segments right, %"},
                                  {"95 % interval"},
                                  {"tracks right, %"},
                                  {"runs"}},
                      .rows = {},
                      .notes = {}};
    for (const SharedSetting& setting : shared) {
        const SettingRow* row = setting.rows[index];
        if (row == nullptr) continue;
        const LevelSummary* segments = level(row->test, &PartSummary::segments);
        table.rows.push_back({{.text = setting.family + (row->complete() ? "" : " \u2020")},
                              {.text = row->setting},
                              accuracy_cell(segments),
                              interval_cell(segments),
                              accuracy_cell(level(row->test, &PartSummary::tracks)),
                              runs_cell(*row)});
        if (!row->complete()) table.notes = {"\u2020 Not all planned runs are finished."};
    }
    return table;
}

std::optional<PaperAccuracy> paper_accuracy(const experiment::Experiment& experiment, const SettingRow& row) {
    for (const bool best : {false, true}) {
        for (const experiment::ExperimentTable& table : experiment.tables) {
            if (table.best != best || std::ranges::find(table.grids, row.grid->name) == table.grids.end()) continue;
            const experiment::PaperFigure* figure = paper_figure(table, *row.grid, *row.options);
            if (figure != nullptr && figure->accuracy) return PaperAccuracy{*figure->accuracy, !best};
        }
    }
    return {};
}

}  // namespace earmark::report
