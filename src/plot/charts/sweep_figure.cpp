#include "plot/charts/sweep_figure.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "plot/signal/series.hpp"

namespace earmark::plot {

namespace {

constexpr double width = 640.0;
constexpr double margin = 14.0;
constexpr double plot_height = 270.0;
constexpr double ours_width = 1.8;
constexpr double reference_width = 1.1;
constexpr std::array reference_dashes{4.0, 3.0};
/// Between points of different series at the same place.
constexpr double side_step = 7.0;

Scale range_of(const std::vector<SweepSeries>& series) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    const auto take = [&](double share) {
        low = std::min(low, 100.0 * share);
        high = std::max(high, 100.0 * share);
    };
    for (const SweepSeries& one : series) {
        for (const SweepPoint& point : one.points) {
            if (point.reference) take(*point.reference);
            if (!point.ours) continue;
            take(point.ours->value);
            if (point.ours->interval) {
                take(point.ours->interval->low);
                take(point.ours->interval->high);
            }
        }
    }
    if (low > high) return {0.0, 100.0, 0.0, 1.0};
    const double air = std::max(1.0, 0.06 * (high - low));
    return {std::max(0.0, low - air), std::min(100.0, high + air), 0.0, 1.0};
}

std::vector<LegendEntry> legend_of(Figure& figure, const std::vector<SweepSeries>& series,
                                   const std::string& reference) {
    const auto ours = [](std::string words, std::size_t index, Colour colour) {
        return LegendEntry{std::move(words), [index, colour](Figure& page, Point from, Point to) {
                               page.line(from, to, colour, ours_width);
                               draw_mark(page, index, {0.5 * (from.x + to.x), from.y}, colour);
                           }};
    };
    std::vector<LegendEntry> legend;
    for (std::size_t i = 0; i < series.size(); ++i) {
        const std::string name = series[i].name.empty() ? "Earmark, with 95\u2009% interval" : series[i].name;
        legend.push_back(ours(figure.fitted(name, 260.0, label_size), i, series_colour(i)));
    }
    const bool referenced = std::ranges::any_of(series, [](const SweepSeries& one) {
        return std::ranges::any_of(one.points, [](const SweepPoint& point) { return point.reference.has_value(); });
    });
    if (referenced) {
        const Colour colour = series.size() == 1 ? series_colour(0) : text_colour;
        legend.push_back({reference, [colour](Figure& page, Point from, Point to) {
                              page.polyline(std::array{from, to}, colour, reference_width, reference_dashes);
                              draw_mark(page, 0, {0.5 * (from.x + to.x), from.y}, colour, true);
                          }});
    }
    return legend;
}

void draw_series(Figure& figure, const SweepSeries& series, std::size_t index, double step, const Scale& horizontal,
                 const Scale& vertical) {
    const Colour colour = series_colour(index);
    std::vector<Point> ours;
    std::vector<Point> others;
    for (const SweepPoint& point : series.points) {
        const double x = horizontal(static_cast<double>(point.place)) + step;
        if (point.reference) others.push_back({x, vertical(100.0 * *point.reference)});
        if (!point.ours) continue;
        ours.push_back({x, vertical(100.0 * point.ours->value)});
        if (!point.ours->interval) continue;
        const double low = vertical(100.0 * point.ours->interval->low);
        const double high = vertical(100.0 * point.ours->interval->high);
        figure.line({x, low}, {x, high}, colour, 1.2);
        for (const double end : {low, high}) figure.line({x - 3.0, end}, {x + 3.0, end}, colour, 1.2);
    }
    if (others.size() > 1) figure.polyline(others, colour, reference_width, reference_dashes);
    if (ours.size() > 1) figure.polyline(ours, colour, ours_width);
    for (const Point& point : others) draw_mark(figure, index, point, colour, true);
    for (const Point& point : ours) draw_mark(figure, index, point, colour);
}

}  // namespace

void save_sweep_figure(const FigureTarget& target, const std::string& title, const std::string& option,
                       const std::string& axis, const std::vector<std::string>& places,
                       const std::vector<SweepSeries>& series, const std::string& reference) {
    Figure ruler(target, 100.0, 100.0, "");
    const double room = width - 2.0 * margin;
    const std::vector<LegendEntry> legend = legend_of(ruler, series, reference);
    const int legend_lines = lay_out_legend(ruler, legend, {}, room, false);
    Scale vertical = range_of(series);
    const std::vector<Tick> ticks = vertical_ticks(vertical.from_value, vertical.to_value, plot_height);
    const double axis_room = tick_room + widest(ruler, ticks) + 8.0 + label_size;
    const double legend_top = margin + (title.empty() ? 0.0 : 24.0);
    const Rect plot{margin + axis_room, legend_top + legend_lines * legend_pitch + 8.0, room - axis_room, plot_height};

    Figure figure(target, width, plot.bottom() + bottom_axis_height + 4.0, title.empty() ? axis : title);
    if (!title.empty()) {
        figure.text({margin, margin + title_size}, figure.fitted(title, room, title_size, true),
                    {.size = title_size, .bold = true});
    }
    lay_out_legend(figure, legend, {margin, legend_top + label_size + 2.0}, room, true);
    vertical.from = plot.bottom();
    vertical.to = plot.y;
    for (const Tick& tick : ticks) {
        figure.line({plot.x, vertical(tick.value)}, {plot.right(), vertical(tick.value)}, grid_colour, 0.6);
    }
    const double pitch = plot.width / static_cast<double>(std::max<std::size_t>(1, places.size()));
    const Scale horizontal{0.0, 1.0, plot.x + 0.5 * pitch, plot.x + 1.5 * pitch};
    const double last = static_cast<double>(series.size()) - 1.0;
    const double step = last > 0.0 ? std::min(side_step, 0.5 * pitch / last) : 0.0;
    for (std::size_t i = 0; i < series.size(); ++i) {
        draw_series(figure, series[i], i, step * (static_cast<double>(i) - 0.5 * last), horizontal, vertical);
    }
    figure.outline(plot, axis_colour, 0.7);
    draw_left_axis(figure, plot, vertical, ticks, axis, axis_room);
    std::vector<Tick> marks;
    for (std::size_t i = 0; i < places.size(); ++i) {
        marks.push_back({static_cast<double>(i), figure.fitted(places[i], pitch - 4.0, tick_size)});
    }
    draw_bottom_axis(figure, plot, horizontal, marks, option);
    figure.save();
}

}  // namespace earmark::plot
