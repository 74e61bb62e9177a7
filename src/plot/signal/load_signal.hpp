#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plot/signal/signal_figures.hpp"

namespace earmark::plot {

/// A stretch of an audio file.
struct TimeRange {
    double start = 0.0;              ///< seconds
    std::optional<double> duration;  ///< seconds; none: to the end
};

/// Empty panels of the kinds named: "waveform" or a kind of features. All have the sample rate of `options`.
/// @throws Error bad_option for other names and options that are out of range
SignalPanel make_panel(const std::string& kind, const FeatureOptions& options);

/// Fills a figure's panels, but those of genres, with a stretch of a file, and sets its time span. The file is read a
/// second time when a panel needs the stretch's maximum first; a figure without such panels is left as it is.
/// @return warnings about the file, each once
/// @throws Error as AudioReader; bad_option when the file ends before the stretch
std::vector<std::string> load_signal(const std::filesystem::path& file, const TimeRange& time_range,
                                     SignalFigure& figure);

}  // namespace earmark::plot
