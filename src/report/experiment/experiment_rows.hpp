#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/results/results.hpp"
#include "report/experiment/experiment_statistics.hpp"

namespace earmark::report {

/// A setting under a protocol, with its results. Points into the experiment and its results.
struct SettingRow {
    const experiment::Grid* grid = nullptr;
    const experiment::Settings* options = nullptr;
    const experiment::Protocol* protocol = nullptr;
    std::string setting;  ///< within its family, for people: "CNN with noise, dropout 0.3"
    std::string anchor;   ///< of its runs in the appendix
    std::vector<const experiment::RunRecord*> finished;
    std::vector<const experiment::RunRecord*> failed;
    std::size_t planned = 0;
    std::optional<PartSummary> valid;
    std::optional<PartSummary> test;

    bool complete() const { return finished.size() >= planned; }
};

/// All settings under one protocol, in the order of the file.
struct ProtocolRows {
    const experiment::Protocol* protocol = nullptr;
    bool leaky = false;      ///< as its kind of split or a run of it says
    bool validated = false;  ///< whether a run of it has figures of a validation part
    std::vector<SettingRow> rows;

    /// The protocol's title, with ", leaky" where it is.
    std::string name() const;
};

std::vector<ProtocolRows> group_by_protocol(const experiment::Experiment& experiment,
                                            const experiment::ExperimentResults& results);

using Rows = std::vector<const SettingRow*>;

/// The rows of `protocol` that belong to one of `grids`.
Rows rows_of(const ProtocolRows& protocol, const std::vector<std::string>& grids);
/// The rows of `protocol` that belong to grids of `family`.
Rows rows_of_family(const ProtocolRows& protocol, const std::string& family);
/// The families of `rows`, in their order.
std::vector<std::string> families_of(const Rows& rows);
/// The families of the experiment, in the order of its grids.
std::vector<std::string> families_of(const experiment::Experiment& experiment);

/// The best of `rows`, which are one family's: under a protocol with `choose` the one that was chosen, as its test
/// figures tell; else the one with the best accuracy on segments of the validation part, or, where there is no such
/// part, of the test part. Rows with all their runs go before others. Null when none has figures.
const SettingRow* best_of(const ProtocolRows& protocol, const Rows& rows);

/// The setting of a family that is shown under all protocols.
struct SharedSetting {
    std::string family;
    std::vector<const SettingRow*> rows;  ///< one a protocol, in their order; null where it has no test figures
    bool chosen_otherwise = false;        ///< whether a protocol with `choose` shows its own choice instead

    /// Protocols under which it has test figures.
    std::size_t width() const;
};

/// For each family the setting that has test figures under the most protocols; of several such the one that is best
/// under the last of these protocols. A protocol with `choose` that has no test figures of that setting shows those of
/// what it chose. Families without test figures are left out, and, where others have more, those with figures under one
/// protocol only.
std::vector<SharedSetting> shared_settings(const experiment::Experiment& experiment,
                                           const std::vector<ProtocolRows>& protocols);

/// Whether a setting of `grid` has all of `wanted`; "family" and "grid" in it mean the grid's.
bool has_options(const experiment::Grid& grid, const experiment::Settings& options, const experiment::Settings& wanted);
/// The paper's figures for a setting; null if there are none.
const experiment::PaperFigure* paper_figure(const experiment::ExperimentTable& table, const experiment::Grid& grid,
                                            const experiment::Settings& options);

/// An option's value for people: a string without quotes, a list with commas, an en dash when the setting lacks it.
std::string value_of(const experiment::Settings& options, const std::string& option);
/// "dropout 0.3, hidden 512,256": the options that `names` lists.
std::string described(const experiment::Settings& options, const std::vector<std::string>& names);

}  // namespace earmark::report
