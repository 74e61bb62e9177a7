#pragma once

#include <string>
#include <vector>

#include "report/experiment/experiment_rows.hpp"

/// The parts of the report about the runs rather than their results, as HTML.
namespace earmark::report {

/// "12 of 84 runs finished, 1 failed".
std::string progress_of(const experiment::ExperimentResults& results);

/// What makes figures doubtful: runs of several versions, or of different data under one name; a test part that was to
/// be used once and was used for several settings of a family. Empty when there is nothing.
std::vector<std::string> warnings_of(const experiment::ExperimentResults& results,
                                     const std::vector<ProtocolRows>& protocols);

/// A list of terms: the runs, their data and their programs.
std::string overview_html(const experiment::Experiment& experiment, const experiment::ExperimentResults& results);

/// How means, deviations and intervals are made.
std::string methods_html();

/// The runs that failed, with their errors; empty when none did.
std::string failures_html(const experiment::ExperimentResults& results);

/// Every run, setting by setting, with its commands.
std::string appendix_html(const std::vector<ProtocolRows>& protocols);

/// A blank and the badge "leaky"; empty for what is not leaky.
std::string leaky_badge(bool leaky);

}  // namespace earmark::report
