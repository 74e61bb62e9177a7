#pragma once

#include <string>
#include <vector>

#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// The course of one training: a value an epoch, the first of epoch 1. Accuracies run from 0 to 1. Any may be empty or
/// shorter than the others; values that are not finite leave a gap.
struct LearningCurve {
    std::string name;
    std::vector<double> train_accuracy;
    std::vector<double> valid_accuracy;
    std::vector<double> train_loss;
    std::vector<double> valid_loss;
};

/// Draws accuracy and loss against epoch, side by side: validation as a full line, training as a dashed one, a colour a
/// curve, and a dot at the epoch of the lowest validation loss.
/// @param target  a file (its extension chooses SVG or PNG), which appears whole or not at all, or a page
/// @throws Error bad_option for another extension; cannot_write
void save_learning_curves(const plot::FigureTarget& target, const std::string& title,
                          const std::vector<LearningCurve>& curves);

}  // namespace earmark::plot
