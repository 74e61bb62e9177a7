#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/experiment/experiment_rows.hpp"
#include "report/html/report_table.hpp"

namespace earmark::report {

/// A table of the experiment under one protocol; none when none of its grids is run under it. Under the protocol of the
/// paper's figures these stand beside ours; under one with `choose` all settings have figures of the validation part,
/// and only those that were chosen of the test part.
std::optional<ReportTable> results_table(const experiment::ExperimentTable& table, const ProtocolRows& protocol,
                                         const std::string& id);

/// The result of shared_settings for the protocol with number `index`.
ReportTable protocol_comparison(const std::vector<SharedSetting>& shared, const ProtocolRows& protocol,
                                std::size_t index);

/// A figure of the paper for a setting.
struct PaperAccuracy {
    double accuracy = 0.0;
    bool same_setting = true;  ///< else it is the best that the paper has for the family
};
std::optional<PaperAccuracy> paper_accuracy(const experiment::Experiment& experiment, const SettingRow& row);

}  // namespace earmark::report
