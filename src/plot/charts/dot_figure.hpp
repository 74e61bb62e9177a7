#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluation/metrics.hpp"
#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// A figure with its 95 % interval, 0 … 1.
struct DotValue {
    double value = 0.0;
    std::optional<evaluation::Interval> interval;
};

/// A row of dots, one a series.
struct DotRow {
    std::string name;
    std::string detail;                           ///< under the name, in small print
    std::vector<std::optional<DotValue>> values;  ///< one a series
    std::optional<double> reference;              ///< a figure of others to compare with: a bar across the row
};

/// Draws a row a name and in it a dot with its interval for each series, under one another, as shares in per cent.
/// @param reference  the source of the rows' references, for the legend
/// @throws Error bad_option for another extension than .svg and .png; cannot_write
void save_dot_figure(const plot::FigureTarget& target, const std::string& title, const std::string& axis,
                     const std::vector<std::string>& series, const std::vector<DotRow>& rows,
                     const std::string& reference);

}  // namespace earmark::plot
