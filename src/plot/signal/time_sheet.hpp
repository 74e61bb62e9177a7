#pragma once

#include <string>
#include <vector>

#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// A value an epoch over several runs; NaN where no run has one.
struct CurveBand {
    std::vector<double> mean;
    std::vector<double> low;
    std::vector<double> high;

    /// Of several courses, which may differ in length; values that are not finite do not count.
    static CurveBand of(const std::vector<std::vector<double>>& curves);
    /// Whether any mean is finite.
    bool measured() const;
};

/// A row of a sheet: accuracy (0 … 1) and loss (nats) over epochs.
struct CurveRow {
    std::string title;
    std::string judged = "test";  ///< the part that the full lines show
    CurveBand train_accuracy;
    CurveBand evaluated_accuracy;
    CurveBand train_loss;
    CurveBand evaluated_loss;
};

/// Draws a row of two panels for each of `rows`: training dashed, the judged part full, means as lines and ranges as
/// faint bands. All rows have the same axes.
/// @throws Error bad_option for another extension than .svg and .png; cannot_write
void save_time_sheet(const plot::FigureTarget& target, const std::string& title, const std::vector<CurveRow>& rows);

}  // namespace earmark::plot
