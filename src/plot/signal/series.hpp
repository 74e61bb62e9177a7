#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "plot/charts/axes.hpp"

/// Shared parts of figures of several series: colours, marks, lines with gaps, legends.
namespace earmark::plot {

/// The colour of series `index`.
Colour series_colour(std::size_t index);

/// Draws the mark of series `index` (disc, square, diamond, triangle, in turn) about `centre`, with a rim in the colour
/// of the ground; a hollow one has the ground inside.
void draw_mark(Figure& figure, std::size_t index, Point centre, Colour colour, bool hollow = false);

/// Draws a line through `factor` · values, the first at 1; values that are not finite leave a gap, and one alone
/// between two of them is a dot.
void draw_curve(Figure& figure, std::span<const double> values, const Scale& horizontal, const Scale& vertical,
                double factor, Colour colour, double line_width, std::span<const double> dashes = {});

struct LegendEntry {
    std::string words;
    /// Draws the sample; `from` and `to` are the ends of a line as long as samples are.
    std::function<void(Figure&, Point from, Point to)> sample;
};

LegendEntry line_entry(std::string words, Colour colour, double line_width, std::span<const double> dashes = {});

inline constexpr double legend_pitch = 15.0;

/// Draws the legend in lines of at most `room` points, the first with its baseline at `at`; without `draw` only counts
/// the lines.
int lay_out_legend(Figure& figure, std::span<const LegendEntry> legend, Point at, double room, bool draw);

}  // namespace earmark::plot
