#include "plot/charts/dot_figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/signal/series.hpp"

namespace earmark::plot {

namespace {

constexpr double width = 820.0;
constexpr double margin = 14.0;
constexpr double longest_name = 220.0;
constexpr double dot_pitch = 15.0;
constexpr double row_gap = 13.0;
constexpr Colour reference_colour = text_colour;
constexpr std::array reference_dashes{5.0, 2.5};

/// From a round figure under all that is shown to one over it, in per cent.
Scale range_of(const std::vector<DotRow>& rows) {
    double low = 1.0;
    double high = 0.0;
    const auto take = [&](double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    };
    for (const DotRow& row : rows) {
        if (row.reference) take(*row.reference);
        for (const auto& value : row.values) {
            if (!value) continue;
            take(value->value);
            if (value->interval) {
                take(value->interval->low);
                take(value->interval->high);
            }
        }
    }
    if (low > high) return {0.0, 100.0, 0.0, 1.0};
    const double from = std::max(0.0, 10.0 * std::floor(10.0 * low - 0.1));
    return {from, std::max(from + 10.0, std::min(100.0, 10.0 * std::ceil(10.0 * high + 0.1))), 0.0, 1.0};
}

std::vector<LegendEntry> legend_of(const std::vector<std::string>& series, const std::string& reference) {
    std::vector<LegendEntry> legend;
    for (std::size_t i = 0; i < series.size(); ++i) {
        legend.push_back({series[i], [i](Figure& figure, Point from, Point to) {
                              figure.line(from, to, series_colour(i), 1.4);
                              draw_mark(figure, i, {0.5 * (from.x + to.x), from.y}, series_colour(i));
                          }});
    }
    if (!reference.empty()) legend.push_back(line_entry(reference, reference_colour, 1.3, reference_dashes));
    return legend;
}

void draw_row(Figure& figure, const DotRow& row, const Rect& band, const Scale& scale) {
    const double middle = band.y + 0.5 * band.height;
    if (row.reference) {
        const double x = scale(100.0 * *row.reference);
        figure.polyline(std::array{Point{x, band.y + 2.0}, Point{x, band.bottom() - 2.0}}, reference_colour, 1.3,
                        reference_dashes);
    }
    const double first = middle - 0.5 * dot_pitch * (static_cast<double>(row.values.size()) - 1.0);
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        if (!row.values[i]) continue;
        const double y = first + dot_pitch * static_cast<double>(i);
        if (row.values[i]->interval) {
            const double low = scale(100.0 * row.values[i]->interval->low);
            const double high = scale(100.0 * row.values[i]->interval->high);
            figure.line({low, y}, {high, y}, series_colour(i), 1.4);
            for (const double end : {low, high}) figure.line({end, y - 3.0}, {end, y + 3.0}, series_colour(i), 1.4);
        }
        draw_mark(figure, i, {scale(100.0 * row.values[i]->value), y}, series_colour(i));
    }
}

}  // namespace

void save_dot_figure(const FigureTarget& target, const std::string& title, const std::string& axis,
                     const std::vector<std::string>& series, const std::vector<DotRow>& rows,
                     const std::string& reference) {
    Figure ruler(target, 100.0, 100.0, "");
    const bool referenced = std::ranges::any_of(rows, [](const DotRow& row) { return row.reference.has_value(); });
    const std::vector<LegendEntry> legend = legend_of(series, referenced ? reference : "");
    double names = 0.0;
    for (const DotRow& row : rows) {
        names =
            std::max({names, ruler.text_width(row.name, heading_size, true), ruler.text_width(row.detail, tick_size)});
    }
    names = std::min(names, longest_name);
    const int legend_lines = lay_out_legend(ruler, legend, {}, width - 2.0 * margin, false);
    const double row_height = dot_pitch * static_cast<double>(std::max<std::size_t>(2, series.size())) + row_gap;
    const double legend_top = margin + (title.empty() ? 0.0 : 24.0);
    const Rect plot{margin + names + 12.0, legend_top + legend_lines * legend_pitch + 8.0,
                    width - 2.0 * margin - names - 20.0,
                    row_height * static_cast<double>(std::max<std::size_t>(1, rows.size()))};

    Figure figure(target, width, plot.bottom() + bottom_axis_height + 4.0, title.empty() ? axis : title);
    if (!title.empty()) {
        figure.text({margin, margin + title_size}, figure.fitted(title, width - 2.0 * margin, title_size, true),
                    {.size = title_size, .bold = true});
    }
    lay_out_legend(figure, legend, {margin, legend_top + label_size + 2.0}, width - 2.0 * margin, true);
    Scale scale = range_of(rows);
    scale.from = plot.x;
    scale.to = plot.right();
    const std::vector<Tick> ticks = horizontal_ticks(figure, scale.from_value, scale.to_value, plot.width, 1.0);
    for (const Tick& tick : ticks) {
        figure.line({scale(tick.value), plot.y}, {scale(tick.value), plot.bottom()}, grid_colour, 0.6);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Rect band{plot.x, plot.y + row_height * static_cast<double>(i), plot.width, row_height};
        if (i > 0) figure.line({margin, band.y}, {band.right(), band.y}, grid_colour, 0.9);
        const double middle = band.y + 0.5 * band.height;
        const double right = plot.x - 12.0;
        const bool detailed = !rows[i].detail.empty();
        figure.text({right, middle - (detailed ? 6.0 : 0.0)}, figure.fitted(rows[i].name, names, heading_size, true),
                    {.size = heading_size, .bold = true, .along = Along::end, .across = Across::middle});
        figure.text({right, middle + 7.0}, figure.fitted(rows[i].detail, names, tick_size),
                    {.size = tick_size, .colour = faint_text_colour, .along = Along::end, .across = Across::middle});
        draw_row(figure, rows[i], band, scale);
    }
    figure.outline(plot, axis_colour, 0.7);
    draw_bottom_axis(figure, plot, scale, ticks, axis);
    figure.save();
}

}  // namespace earmark::plot
