#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plot/charts/figure.hpp"
#include "report/experiment/experiment_rows.hpp"

namespace earmark::report {

/// A figure of the report: drawn into the page, and to a file of its own.
struct ReportFigure {
    std::string file;  ///< name without extension, the same for the same experiment file
    std::string name;  ///< "Fig. 2"; empty for figures that the experiment does not name
    std::string caption;
    bool leaky = false;
    std::function<void(const plot::FigureTarget&)> draw;
};

/// The same setting of each family under each protocol; none without test figures.
std::optional<ReportFigure> protocol_comparison_figure(const experiment::Experiment& experiment,
                                                       const std::vector<ProtocolRows>& protocols,
                                                       const std::vector<SharedSetting>& shared);

/// Accuracy against the table's `sweep` under one protocol: of the validation part where the test part is kept for the
/// chosen, else of the test part. None without a sweep or without figures.
std::optional<ReportFigure> sweep_figure(const experiment::ExperimentTable& table, const ProtocolRows& protocol);

/// Learning curves; none when no run with them is finished.
std::optional<ReportFigure> curves_figure(const experiment::ExperimentFigure& figure, const ProtocolRows& protocol);

/// Waveform and MFCC of the figure's clips side by side, read at once.
/// @param data  the folder that the clips' paths are relative to
/// @throws Error as AudioReader
ReportFigure clips_figure(const experiment::ExperimentFigure& figure, const std::filesystem::path& data);

/// The confusion of a family's best setting on segments of the test part; none without it.
std::optional<ReportFigure> confusion_figure(const std::string& family, const ProtocolRows& protocol,
                                             const std::vector<std::string>& genres);

}  // namespace earmark::report
