#include "experiment/results/results_csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "formats/csv.hpp"

namespace earmark::experiment {

namespace {

using Fields = std::vector<std::string>;

const Fields before{"id", "grid", "family", "protocol", "leaky", "data", "seed", "fold"};
const Fields results{"epochs", "kept_epoch", "parameters"};
const Fields after{"seconds", "peak_memory_mib", "version", "data_fingerprint", "started", "error", "commands"};
const char* const level_names[] = {"segment", "track"};
const char* const figures[] = {"accuracy",          "loss",         "macro_f1",           "macro_auc",
                               "calibration_error", "coverage",     "selective_accuracy", "macro_pr_auc",
                               "micro_f1",          "hamming_loss", "ranking_loss"};

/// The options that occur in an experiment, but for those that are a column of their own ("epochs").
Fields option_columns(const Experiment& experiment) {
    Fields columns;
    for (const Grid& grid : experiment.grids) {
        for (const auto& [option, value] : grid.settings.front().items()) {
            const bool there = std::count(columns.begin(), columns.end(), option) > 0 ||
                               std::count(results.begin(), results.end(), option) > 0;
            if (!there) columns.push_back(option);
        }
    }
    return columns;
}

std::string field_of(const Settings& options, const std::string& name) {
    const auto found = options.find(name);
    if (found == options.end()) return "";
    return found->is_string() ? found->get<std::string>() : found->dump();
}

template <typename T>
std::string field_of(const std::optional<T>& value) {
    return value ? fmt::format("{}", *value) : "";
}

void add_level(Fields& row, const RunScore* score) {
    if (score == nullptr) {
        row.insert(row.end(), 1 + std::size(figures), "");
        return;
    }
    row.insert(row.end(),
               {std::to_string(score->items), fmt::format("{}", score->accuracy), fmt::format("{}", score->loss),
                field_of(score->macro_f1), field_of(score->macro_auc), field_of(score->calibration_error),
                field_of(score->coverage), field_of(score->selective_accuracy), field_of(score->macro_pr_auc),
                field_of(score->micro_f1), field_of(score->hamming_loss), field_of(score->ranking_loss)});
}

void add_part(Fields& row, const std::optional<PartScore>& part) {
    add_level(row, part ? &part->segments : nullptr);
    add_level(row, part ? &part->tracks : nullptr);
}

Fields header(const Fields& options) {
    Fields row = before;
    row.insert(row.end(), options.begin(), options.end());
    row.insert(row.end(), results.begin(), results.end());
    for (const char* part : {"valid", "test"}) {
        for (const char* level : level_names) {
            row.push_back(fmt::format("{}_{}s", part, level));
            for (const char* figure : figures) row.push_back(fmt::format("{}_{}_{}", part, level, figure));
        }
    }
    row.insert(row.end(), after.begin(), after.end());
    return row;
}

Fields row_of(const RunRecord& record, const Fields& options) {
    const Run& run = record.run;
    Fields row{run.id,
               run.grid,
               run.family,
               run.protocol,
               record.failed  ? ""
               : record.leaky ? "true"
                              : "false",
               run.data,
               std::to_string(run.seed),
               run.fold < 0 ? "" : std::to_string(run.fold)};
    for (const std::string& option : options) row.push_back(field_of(run.options, option));
    const bool trained = record.epochs > 0;
    row.push_back(trained ? std::to_string(record.epochs) : "");
    row.push_back(trained ? std::to_string(record.kept_epoch) : "");
    row.push_back(trained ? std::to_string(record.parameters) : "");
    add_part(row, record.valid);
    add_part(row, record.test);
    row.insert(row.end(), {fmt::format("{:.2f}", record.seconds),
                           fmt::format("{:.0f}", static_cast<double>(record.peak_memory) / (1 << 20)), record.version,
                           record.data_fingerprint, record.started, record.error,
                           fmt::format("{}", fmt::join(record.commands, " && "))});
    return row;
}

}  // namespace

std::string results_csv(const Experiment& experiment, std::span<const RunRecord* const> records) {
    const Fields options = option_columns(experiment);
    std::string text = formats::csv_line(header(options)) + "\n";
    for (const RunRecord* record : records) text += formats::csv_line(row_of(*record, options)) + "\n";
    return text;
}

}  // namespace earmark::experiment
