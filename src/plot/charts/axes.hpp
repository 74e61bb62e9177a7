#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// A mark on an axis.
struct Tick {
    double value = 0.0;
    std::string label;
};

/// The values low ≤ v ≤ high at a spacing of 1, 2 or 5 times a power of ten (at least `smallest`), the finest spacing
/// that gives at most `most` of them, with labels that tell them apart. No ticks when the range is empty or not
/// finite.
std::vector<Tick> nice_ticks(double low, double high, int most, double smallest = 0.0);

/// nice_ticks for a horizontal axis of `length` points: as many as fit without their labels touching.
std::vector<Tick> horizontal_ticks(Figure& figure, double low, double high, double length, double smallest = 0.0);
/// nice_ticks for a vertical axis of `length` points.
std::vector<Tick> vertical_ticks(double low, double high, double length, double smallest = 0.0);

/// `value` with thin spaces between groups of three digits, for instance "12 345".
std::string grouped(double value, int decimals = 0);

/// Maps values to a length of the page.
struct Scale {
    double from_value = 0.0;
    double to_value = 1.0;
    double from = 0.0;  ///< points, where from_value lies
    double to = 1.0;

    double operator()(double value) const noexcept {
        return from + (value - from_value) / (to_value - from_value) * (to - from);
    }
};

/// Font sizes, in points.
inline constexpr double title_size = 13.0;
inline constexpr double heading_size = 10.0;
inline constexpr double label_size = 9.0;
inline constexpr double tick_size = 8.0;
/// From the frame of a plot to the labels of its ticks.
inline constexpr double tick_room = 6.0;

/// The widest label in points.
double widest(Figure& figure, std::span<const Tick> ticks);

/// Ticks and their labels at the left of `plot`, and the axis' name left of them, `room` points from the frame.
void draw_left_axis(Figure& figure, const Rect& plot, const Scale& scale, std::span<const Tick> ticks,
                    std::string_view name, double room);
/// Ticks under `plot`, with labels and the axis' name when `labelled`.
void draw_bottom_axis(Figure& figure, const Rect& plot, const Scale& scale, std::span<const Tick> ticks,
                      std::string_view name, bool labelled = true);
/// Height that a labelled bottom axis takes under the plot.
inline constexpr double bottom_axis_height = 34.0;

/// A bar of `map`'s colours from `scale.from` to `scale.to` in `bar`, with ticks and a name at its right.
void draw_colour_bar(Figure& figure, const Rect& bar, const ColourMap& map, const Scale& scale,
                     std::span<const Tick> ticks, std::string_view name);
/// Width of a colour bar with its ticks and name.
double colour_bar_width(Figure& figure, std::span<const Tick> ticks);
inline constexpr double colour_bar_thickness = 10.0;

}  // namespace earmark::plot
