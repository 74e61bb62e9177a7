#include "plot/signal/time_sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "plot/signal/series.hpp"

namespace earmark::plot {

namespace {

constexpr double width = 820.0;
constexpr double margin = 14.0;
constexpr double plot_height = 190.0;
constexpr double heading_height = 20.0;
constexpr double column_gap = 22.0;
constexpr double training_width = 1.3;
constexpr double evaluated_width = 1.8;
constexpr double band_opacity = 0.2;
constexpr std::array dashes{4.0, 3.0};

using Band = CurveBand CurveRow::*;

struct Panel {
    const char* heading;
    const char* axis;
    Band training;
    Band judged;
    double factor;  ///< from the values to the axis' unit
};
constexpr std::array panels{
    Panel{"accuracy", "accuracy (%)", &CurveRow::train_accuracy, &CurveRow::evaluated_accuracy, 100.0},
    Panel{"loss", "cross-entropy (nats)", &CurveRow::train_loss, &CurveRow::evaluated_loss, 1.0}};

Colour training_colour() {
    return series_colour(1);
}
Colour evaluated_colour() {
    return series_colour(0);
}

Scale range_of(const std::vector<CurveRow>& rows, const Panel& panel) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const CurveRow& row : rows) {
        for (const Band band : {panel.training, panel.judged}) {
            for (const std::vector<double>* values : {&(row.*band).low, &(row.*band).high}) {
                for (const double value : *values) {
                    if (!std::isfinite(value)) continue;
                    low = std::min(low, panel.factor * value);
                    high = std::max(high, panel.factor * value);
                }
            }
        }
    }
    if (low > high) return {0.0, panel.factor, 0.0, 1.0};
    const double air = high > low ? 0.05 * (high - low) : 0.05 * std::max(1e-3, std::abs(high));
    return {std::max(0.0, low - air), high + air, 0.0, 1.0};
}

void draw_band(Figure& figure, const CurveBand& band, const Scale& epochs, const Scale& vertical, double factor,
               Colour colour) {
    std::vector<Point> upper;
    std::vector<Point> lower;
    const auto flush = [&] {
        upper.insert(upper.end(), lower.rbegin(), lower.rend());
        if (upper.size() > 2) figure.polygon(upper, colour, band_opacity);
        upper.clear();
        lower.clear();
    };
    for (std::size_t i = 0; i < band.mean.size(); ++i) {
        if (std::isfinite(band.mean[i])) {
            const double x = epochs(static_cast<double>(i + 1));
            upper.push_back({x, vertical(factor * band.high[i])});
            lower.push_back({x, vertical(factor * band.low[i])});
        } else {
            flush();
        }
    }
    flush();
}

std::vector<LegendEntry> legend_of(const std::vector<CurveRow>& rows) {
    std::vector<std::string> judged;
    for (const CurveRow& row : rows) {
        if (std::ranges::find(judged, row.judged) == judged.end()) judged.push_back(row.judged);
    }
    std::string words;
    for (const std::string& each : judged) words += (words.empty() ? "" : " or ") + each;
    return {line_entry(words, evaluated_colour(), evaluated_width),
            line_entry("training", training_colour(), training_width, dashes),
            {"range of the runs", [](Figure& figure, Point from, Point to) {
                 const std::array corners{Point{from.x, from.y - 4.0}, Point{to.x, to.y - 4.0}, Point{to.x, to.y + 4.0},
                                          Point{from.x, from.y + 4.0}};
                 figure.polygon(corners, evaluated_colour(), band_opacity);
             }}};
}

}  // namespace

CurveBand CurveBand::of(const std::vector<std::vector<double>>& curves) {
    CurveBand band;
    std::size_t longest = 0;
    for (const auto& curve : curves) longest = std::max(longest, curve.size());
    for (std::size_t i = 0; i < longest; ++i) {
        double sum = 0.0;
        int count = 0;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const auto& curve : curves) {
            if (i >= curve.size() || !std::isfinite(curve[i])) continue;
            sum += curve[i];
            ++count;
            low = std::min(low, curve[i]);
            high = std::max(high, curve[i]);
        }
        const double none = std::nan("");
        band.mean.push_back(count > 0 ? sum / count : none);
        band.low.push_back(count > 0 ? low : none);
        band.high.push_back(count > 0 ? high : none);
    }
    return band;
}

bool CurveBand::measured() const {
    return std::ranges::any_of(mean, [](double value) { return std::isfinite(value); });
}

void save_time_sheet(const FigureTarget& target, const std::string& title, const std::vector<CurveRow>& rows) {
    Figure ruler(target, 100.0, 100.0, "");
    const double room = width - 2.0 * margin;
    const std::vector<LegendEntry> legend = legend_of(rows);
    const double legend_top = margin + (title.empty() ? 0.0 : 24.0);
    const double top = legend_top + lay_out_legend(ruler, legend, {}, room, false) * legend_pitch + 6.0;
    const double row_height = heading_height + plot_height + bottom_axis_height;
    const double height = top + row_height * static_cast<double>(std::max<std::size_t>(1, rows.size())) + 4.0;

    Figure figure(target, width, height, title.empty() ? "Learning curves" : title);
    if (!title.empty()) {
        figure.text({margin, margin + title_size}, figure.fitted(title, room, title_size, true),
                    {.size = title_size, .bold = true});
    }
    lay_out_legend(figure, legend, {margin, legend_top + label_size + 2.0}, room, true);
    std::size_t longest = 2;
    for (const CurveRow& row : rows) {
        longest = std::max({longest, row.train_accuracy.mean.size(), row.evaluated_accuracy.mean.size()});
    }
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const Panel& panel = panels[i];
        Scale vertical = range_of(rows, panel);
        const std::vector<Tick> ticks = vertical_ticks(vertical.from_value, vertical.to_value, plot_height);
        const double axis_room = tick_room + widest(figure, ticks) + 8.0 + label_size;
        const double column = 0.5 * (room - column_gap);
        Rect plot{margin + static_cast<double>(i) * (column + column_gap) + axis_room, top + heading_height,
                  column - axis_room, plot_height};
        for (const CurveRow& row : rows) {
            vertical.from = plot.bottom();
            vertical.to = plot.y;
            const Scale epochs{1.0, static_cast<double>(longest), plot.x + 6.0, plot.right() - 6.0};
            const std::string heading = row.title.empty() ? panel.heading : row.title + ": " + panel.heading;
            figure.text({plot.x, plot.y - 6.0}, figure.fitted(heading, plot.width, heading_size, true),
                        {.size = heading_size, .bold = true});
            for (const Tick& tick : ticks) {
                figure.line({plot.x, vertical(tick.value)}, {plot.right(), vertical(tick.value)}, grid_colour, 0.6);
            }
            figure.clip(plot);
            draw_band(figure, row.*panel.training, epochs, vertical, panel.factor, training_colour());
            draw_band(figure, row.*panel.judged, epochs, vertical, panel.factor, evaluated_colour());
            draw_curve(figure, (row.*panel.training).mean, epochs, vertical, panel.factor, training_colour(),
                       training_width, dashes);
            draw_curve(figure, (row.*panel.judged).mean, epochs, vertical, panel.factor, evaluated_colour(),
                       evaluated_width);
            figure.release();
            figure.outline(plot, axis_colour, 0.7);
            draw_left_axis(figure, plot, vertical, ticks, panel.axis, axis_room);
            draw_bottom_axis(figure, plot, epochs,
                             horizontal_ticks(figure, epochs.from_value, epochs.to_value, plot.width, 1.0), "epoch");
            plot.y += row_height;
        }
    }
    figure.save();
}

}  // namespace earmark::plot
