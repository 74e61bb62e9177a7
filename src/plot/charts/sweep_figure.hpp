#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plot/charts/dot_figure.hpp"

namespace earmark::plot {

/// An accuracy against an option.
struct SweepPoint {
    std::size_t place = 0;  ///< index of the option's value
    std::optional<DotValue> ours;
    std::optional<double> reference;  ///< the figure of others for the same setting, 0 … 1
};

struct SweepSeries {
    std::string name;
    std::vector<SweepPoint> points;
};

/// Draws accuracies in per cent against an option whose values stand at equal distances, a colour and a mark a series:
/// ours full with intervals, those of others hollow on dashed lines.
/// @param places     the option's values, in order
/// @param reference  the source of the reference points, for the legend
/// @throws Error bad_option for another extension than .svg and .png; cannot_write
void save_sweep_figure(const plot::FigureTarget& target, const std::string& title, const std::string& option,
                       const std::string& axis, const std::vector<std::string>& places,
                       const std::vector<SweepSeries>& series, const std::string& reference);

}  // namespace earmark::plot
