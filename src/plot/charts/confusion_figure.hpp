#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// Draws a confusion matrix: a row for each true genre, a column for each predicted one; in each cell the count and its
/// share of the row, which also sets the colour, so that it reads in grey print too.
/// @param target  a file (its extension chooses SVG or PNG), which appears whole or not at all, or a page
/// @param counts  labels × labels, true × predicted, row by row, none negative
/// @throws Error bad_option for another extension, or counts that do not fit the labels; cannot_write
void save_confusion_matrix(const plot::FigureTarget& target, const std::string& title,
                           const std::vector<std::string>& labels, const std::vector<std::int64_t>& counts);

}  // namespace earmark::plot
