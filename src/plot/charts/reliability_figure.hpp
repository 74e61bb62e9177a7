#pragma once

#include <string>

#include "evaluation/evaluation.hpp"
#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// Draws how far probabilities can be believed, for tracks and for segments: of the predictions in each bin of
/// probability the share that is right, against their mean probability (reliability diagram: DeGroot & Fienberg 1983),
/// beside the diagonal on which they are equal, with 95 % intervals of the share (Wilson 1927) for tracks; under it how
/// many predictions each bin holds. The threshold below which tracks are uncertain is marked.
/// @param target  a file (its extension chooses SVG or PNG), which appears whole or not at all, or a page
/// @throws Error bad_option for another extension; cannot_write
void save_reliability_figure(const plot::FigureTarget& target, const std::string& title,
                             const evaluation::Evaluation& evaluation);

}  // namespace earmark::plot
