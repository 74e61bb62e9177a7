#include "plot/charts/learning_curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "plot/signal/series.hpp"

namespace earmark::plot {

namespace {

constexpr double width = 900.0;
constexpr double margin = 14.0;
constexpr double plot_height = 270.0;
constexpr double heading_height = 18.0;
constexpr std::array dashes{4.0, 3.0};
constexpr double training_width = 1.1;
constexpr double validation_width = 1.8;

using Values = std::vector<double>;
using Member = Values LearningCurve::*;

/// The lowest and highest finite value of two members over all curves, with a little air; 0 to 1 when there is none.
Scale range_of(std::span<const LearningCurve> curves, Member training, Member validation) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const LearningCurve& curve : curves) {
        for (const Member member : {training, validation}) {
            for (const double value : curve.*member) {
                if (!std::isfinite(value)) continue;
                low = std::min(low, value);
                high = std::max(high, value);
            }
        }
    }
    if (low > high) return {0.0, 1.0, 0.0, 1.0};
    const double air = high > low ? 0.05 * (high - low) : 0.05 * std::max(1e-3, std::abs(high));
    return {low - air, high + air, 0.0, 1.0};
}

/// Epoch (from 1) of the lowest finite validation loss.
std::optional<std::size_t> best_epoch(const LearningCurve& curve) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < curve.valid_loss.size(); ++i) {
        if (!std::isfinite(curve.valid_loss[i])) continue;
        if (!best || curve.valid_loss[i] < curve.valid_loss[*best - 1]) best = i + 1;
    }
    return best;
}

std::vector<LegendEntry> legend_of(Figure& figure, std::span<const LearningCurve> curves) {
    const bool single = curves.size() == 1;
    const Colour common = single ? series_colour(0) : text_colour;
    const std::string name =
        single && !curves[0].name.empty() ? figure.fitted(curves[0].name, 240.0, label_size) + ", " : "";
    std::vector<LegendEntry> legend{line_entry(name + "validation", common, validation_width),
                                    line_entry(name + "training", common, training_width, dashes),
                                    {"lowest validation loss", [common](Figure& page, Point from, Point to) {
                                         page.circle({0.5 * (from.x + to.x), from.y}, 3.2, common);
                                     }}};
    if (single) return legend;
    for (std::size_t i = 0; i < curves.size(); ++i) {
        legend.push_back(
            line_entry(figure.fitted(curves[i].name, 240.0, label_size), series_colour(i), validation_width));
    }
    return legend;
}

struct Panel {
    const char* heading;
    const char* axis;
    Member training;
    Member validation;
    double factor;  ///< from the values to the axis' unit
};

void draw_panel(Figure& figure, const Rect& plot, std::span<const LearningCurve> curves, const Panel& panel,
                const Scale& epochs, Scale vertical, std::span<const Tick> ticks, double room) {
    vertical.from = plot.bottom();
    vertical.to = plot.y;
    figure.text({plot.x, plot.y - 6.0}, panel.heading, {.size = heading_size, .bold = true});
    for (const Tick& tick : ticks) {
        const double y = vertical(tick.value);
        figure.line({plot.x, y}, {plot.right(), y}, grid_colour, 0.6);
    }
    figure.clip(plot);
    for (std::size_t i = 0; i < curves.size(); ++i) {
        draw_curve(figure, curves[i].*panel.training, epochs, vertical, panel.factor, series_colour(i), training_width,
                   dashes);
    }
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const Values& values = curves[i].*panel.validation;
        draw_curve(figure, values, epochs, vertical, panel.factor, series_colour(i), validation_width);
        const std::optional<std::size_t> best = best_epoch(curves[i]);
        if (best && *best <= values.size() && std::isfinite(values[*best - 1])) {
            const Point at{epochs(static_cast<double>(*best)), vertical(panel.factor * values[*best - 1])};
            figure.circle(at, 4.2, white);
            figure.circle(at, 3.2, series_colour(i));
        }
    }
    figure.release();
    figure.outline(plot, axis_colour, 0.7);
    draw_left_axis(figure, plot, vertical, ticks, panel.axis, room);
    draw_bottom_axis(figure, plot, epochs,
                     horizontal_ticks(figure, epochs.from_value, epochs.to_value, plot.width, 1.0), "epoch");
}

}  // namespace

void save_learning_curves(const plot::FigureTarget& target, const std::string& title,
                          const std::vector<LearningCurve>& curves) {
    Figure ruler(target, 100.0, 100.0, "");
    const std::vector<LegendEntry> legend = legend_of(ruler, curves);
    const double legend_room = width - 2.0 * margin;
    const int legend_lines = lay_out_legend(ruler, legend, {}, legend_room, false);
    const double top = margin + (title.empty() ? 0.0 : 24.0);
    const double plot_top = top + legend_lines * legend_pitch + 8.0 + heading_height;
    const double height = plot_top + plot_height + bottom_axis_height + 4.0;

    Figure figure(target, width, height, title.empty() ? "Learning curves" : title);
    if (!title.empty()) {
        figure.text({margin, margin + title_size}, figure.fitted(title, width - 2.0 * margin, title_size, true),
                    {.size = title_size, .bold = true});
    }
    lay_out_legend(figure, legend, {margin, top + label_size + 2.0}, legend_room, true);

    std::size_t longest = 2;
    for (const LearningCurve& curve : curves) {
        for (const Values* values :
             {&curve.train_accuracy, &curve.valid_accuracy, &curve.train_loss, &curve.valid_loss}) {
            longest = std::max(longest, values->size());
        }
    }
    const Panel panels[] = {
        {"Accuracy", "accuracy (%)", &LearningCurve::train_accuracy, &LearningCurve::valid_accuracy, 100.0},
        {"Loss", "cross-entropy (nats)", &LearningCurve::train_loss, &LearningCurve::valid_loss, 1.0}};
    for (int i = 0; i < 2; ++i) {
        const Panel& panel = panels[i];
        Scale vertical = range_of(curves, panel.training, panel.validation);
        vertical.from_value *= panel.factor;
        vertical.to_value *= panel.factor;
        const std::vector<Tick> ticks = vertical_ticks(vertical.from_value, vertical.to_value, plot_height);
        const double room = tick_room + widest(figure, ticks) + 8.0 + label_size;
        const double half = 0.5 * (width - 2.0 * margin);
        const Rect plot{margin + i * (half + 8.0) + room, plot_top, half - 8.0 - room, plot_height};
        const Scale epochs{1.0, static_cast<double>(longest), plot.x + 6.0, plot.right() - 6.0};
        draw_panel(figure, plot, curves, panel, epochs, vertical, ticks, room);
    }
    figure.save();
}

}  // namespace earmark::plot
