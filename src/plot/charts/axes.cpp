#include "plot/charts/axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace earmark::plot {

namespace {

constexpr double tick_length = 3.0;
constexpr double axis_width = 0.7;
/// Distance between the labels of ticks on a vertical axis that still looks airy.
constexpr double tick_distance = 22.0;

/// The label of a tick, with as many decimals as neighbours at distance `step` need.
std::string tick_label(double value, double step) {
    if (std::abs(value) < 1e-9 * step) value = 0.0;
    if (std::abs(value) >= 1e9 || step < 1e-6) {
        const double digits = value == 0.0 ? 1.0 : std::ceil(std::log10(std::abs(value) / step)) + 1.0;
        return fmt::format("{:.{}g}", value, std::clamp(static_cast<int>(digits), 1, 15));
    }
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
    return grouped(value, decimals);
}

}  // namespace

std::string grouped(double value, int decimals) {
    std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
    const bool negative = value < 0.0 && digits.find_first_of("123456789") != std::string::npos;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    // Four digits stand together, as the SI brochure has it.
    if (point > 4) {
        for (std::size_t at = point; at > 3;) {
            at -= 3;
            digits.insert(at, "\u2009");
        }
    }
    return negative ? "\u2212" + digits : digits;
}

std::vector<Tick> nice_ticks(double low, double high, int most, double smallest) {
    std::vector<Tick> ticks;
    const double range = high - low;
    if (!(range > 0.0) || !std::isfinite(range) || most < 1) return ticks;
    // Beyond double precision no two ticks differ.
    if (range < 1e-9 * std::max(std::abs(low), std::abs(high))) return ticks;
    double decade = std::pow(10.0, std::floor(std::log10(range / most)) - 1.0);
    for (;; decade *= 10.0) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double step = factor * decade;
            if (step < smallest * (1.0 - 1e-9)) continue;
            const double slack = 1e-6;
            const double first = std::ceil(low / step - slack);
            const double last = std::floor(high / step + slack);
            if (last - first + 1.0 > most) continue;
            for (double i = first; i <= last; i += 1.0) {
                ticks.push_back({std::clamp(i * step, low, high), tick_label(i * step, step)});
            }
            return ticks;
        }
    }
}

double widest(Figure& figure, std::span<const Tick> ticks) {
    double width = 0.0;
    for (const Tick& tick : ticks) width = std::max(width, figure.text_width(tick.label, tick_size));
    return width;
}

std::vector<Tick> horizontal_ticks(Figure& figure, double low, double high, double length, double smallest) {
    for (int most = 12; most > 1; --most) {
        std::vector<Tick> ticks = nice_ticks(low, high, most, smallest);
        if (ticks.size() < 2) return ticks;
        const double distance = (ticks[1].value - ticks[0].value) / (high - low) * length;
        if (distance >= widest(figure, ticks) + 14.0) return ticks;
    }
    return nice_ticks(low, high, 1, smallest);
}

std::vector<Tick> vertical_ticks(double low, double high, double length, double smallest) {
    return nice_ticks(low, high, std::clamp(static_cast<int>(length / tick_distance) + 1, 2, 10), smallest);
}

void draw_left_axis(Figure& figure, const Rect& plot, const Scale& scale, std::span<const Tick> ticks,
                    std::string_view name, double room) {
    for (const Tick& tick : ticks) {
        const double y = scale(tick.value);
        figure.line({plot.x - tick_length, y}, {plot.x, y}, axis_colour, axis_width);
        figure.text({plot.x - tick_room, y}, tick.label,
                    {.size = tick_size, .along = Along::end, .across = Across::middle});
    }
    figure.text({plot.x - room, plot.y + 0.5 * plot.height}, figure.fitted(name, plot.height + 16.0, label_size),
                {.size = label_size, .along = Along::middle, .across = Across::top, .degrees = 90.0});
}

void draw_bottom_axis(Figure& figure, const Rect& plot, const Scale& scale, std::span<const Tick> ticks,
                      std::string_view name, bool labelled) {
    for (const Tick& tick : ticks) {
        const double x = scale(tick.value);
        figure.line({x, plot.bottom()}, {x, plot.bottom() + tick_length}, axis_colour, axis_width);
        if (!labelled) continue;
        figure.text({x, plot.bottom() + tick_room}, tick.label,
                    {.size = tick_size, .along = Along::middle, .across = Across::top});
    }
    if (!labelled) return;
    figure.text({plot.x + 0.5 * plot.width, plot.bottom() + bottom_axis_height - 5.0},
                figure.fitted(name, plot.width, label_size), {.size = label_size, .along = Along::middle});
}

void draw_colour_bar(Figure& figure, const Rect& bar, const ColourMap& map, const Scale& scale,
                     std::span<const Tick> ticks, std::string_view name) {
    const int rows = std::max(1, static_cast<int>(std::lround(bar.height / Figure::pixel)));
    std::vector<Colour> pixels;
    for (int row = 0; row < rows; ++row) pixels.push_back(map(1.0 - (row + 0.5) / rows));
    figure.image(bar, pixels, 1, rows);
    figure.outline(bar, axis_colour, axis_width);
    for (const Tick& tick : ticks) {
        const double y = scale(tick.value);
        figure.line({bar.right(), y}, {bar.right() + tick_length, y}, axis_colour, axis_width);
        figure.text({bar.right() + tick_room, y}, tick.label, {.size = tick_size, .across = Across::middle});
    }
    figure.text({bar.right() + tick_room + widest(figure, ticks) + 6.0, bar.y + 0.5 * bar.height},
                figure.fitted(name, bar.height + 16.0, label_size),
                {.size = label_size, .along = Along::middle, .across = Across::top, .degrees = 90.0});
}

double colour_bar_width(Figure& figure, std::span<const Tick> ticks) {
    return colour_bar_thickness + tick_room + widest(figure, ticks) + 6.0 + label_size + 3.0;
}

}  // namespace earmark::plot
