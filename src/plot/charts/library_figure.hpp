#pragma once

#include <string>

#include "library/index/statistics.hpp"
#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// Draws a bar for each genre of a library, as long as it has files, parted by what the files' tags say of the prediction
/// and whether it is certain; beside it the number of files and their hours.
/// @param target  a file (its extension chooses SVG or PNG), which appears whole or not at all
/// @throws Error bad_option for another extension; cannot_write
void save_library_figure(const plot::FigureTarget& target, const std::string& title,
                         const library::LibraryStatistics& statistics);

}  // namespace earmark::plot
