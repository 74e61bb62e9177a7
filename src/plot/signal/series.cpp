#include "plot/signal/series.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace earmark::plot {

namespace {

constexpr double sample_length = 24.0;
constexpr double mark_radius = 4.4;
constexpr double rim = 1.2;

void draw_shape(Figure& figure, std::size_t index, Point centre, double radius, Colour colour) {
    if (index % 4 == 0) return figure.circle(centre, 0.95 * radius, colour);
    // Corners and the angle of the first; the sizes look alike.
    const int corners = index % 4 == 3 ? 3 : 4;
    const double start = index % 4 == 1 ? 0.25 * std::numbers::pi : -0.5 * std::numbers::pi;
    const double reach = radius * (index % 4 == 2 ? 1.15 : 1.2);
    std::vector<Point> points;
    for (int i = 0; i < corners; ++i) {
        const double angle = start + 2.0 * std::numbers::pi * i / corners;
        points.push_back({centre.x + reach * std::cos(angle), centre.y + reach * std::sin(angle)});
    }
    figure.polygon(points, colour);
}

}  // namespace

Colour series_colour(std::size_t index) {
    return categorical_palette()[index % categorical_palette().size()];
}

void draw_mark(Figure& figure, std::size_t index, Point centre, Colour colour, bool hollow) {
    draw_shape(figure, index, centre, mark_radius + rim, white);
    draw_shape(figure, index, centre, mark_radius, colour);
    if (hollow) draw_shape(figure, index, centre, mark_radius - 1.4, white);
}

void draw_curve(Figure& figure, std::span<const double> values, const Scale& horizontal, const Scale& vertical,
                double factor, Colour colour, double line_width, std::span<const double> dashes) {
    std::vector<Point> points;
    const auto flush = [&] {
        if (points.size() == 1) figure.circle(points[0], 1.6, colour);
        if (points.size() > 1) figure.polyline(points, colour, line_width, dashes);
        points.clear();
    };
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i])) {
            points.push_back({horizontal(static_cast<double>(i + 1)), vertical(factor * values[i])});
        } else {
            flush();
        }
    }
    flush();
}

LegendEntry line_entry(std::string words, Colour colour, double line_width, std::span<const double> dashes) {
    return {std::move(words), [colour, line_width, dashes = std::vector<double>(dashes.begin(), dashes.end())](
                                  Figure& figure, Point from, Point to) {
                figure.polyline(std::array{from, to}, colour, line_width, dashes);
            }};
}

int lay_out_legend(Figure& figure, std::span<const LegendEntry> legend, Point at, double room, bool draw) {
    int lines = 1;
    double x = 0.0;
    for (const LegendEntry& entry : legend) {
        const double length = sample_length + 6.0 + figure.text_width(entry.words, label_size) + 20.0;
        if (x > 0.0 && x + length > room) {
            x = 0.0;
            ++lines;
        }
        if (draw) {
            const Point from{at.x + x, at.y + (lines - 1) * legend_pitch - 3.2};
            entry.sample(figure, from, {from.x + sample_length, from.y});
            figure.text({from.x + sample_length + 6.0, from.y + 3.2}, entry.words, {.size = label_size});
        }
        x += length;
    }
    return lines;
}

}  // namespace earmark::plot
