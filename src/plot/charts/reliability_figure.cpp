#include "plot/charts/reliability_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/signal/series.hpp"

namespace earmark::plot {

namespace {

constexpr double margin = 14.0;
constexpr double side = 270.0;
constexpr double histogram_height = 62.0;
constexpr double panel_gap = 26.0;
constexpr double between = 12.0;  // a panel's plot and its histogram
constexpr double heading_room = 34.0;
constexpr double top_room = 16.0;  // over the histogram's bars, for their counts
constexpr std::array diagonal_dashes{5.0, 3.0};
constexpr std::array threshold_dashes{1.5, 2.5};
constexpr Colour gap_colour{0xd9, 0xd9, 0xd9};

/// Where a share lies that was seen as `right` of `items` (Wilson 1927).
evaluation::Interval wilson(double right, double items) {
    constexpr double z = 1.959964;
    const double share = right / items;
    const double scale = 1.0 + z * z / items;
    const double centre = (share + 0.5 * z * z / items) / scale;
    const double reach = z / scale * std::sqrt(share * (1.0 - share) / items + 0.25 * z * z / (items * items));
    return {centre - reach, centre + reach};
}

/// One of the two levels that are drawn side by side.
struct Panel {
    const evaluation::LevelMetrics& level;
    std::string name;
    bool intervals = false;  ///< whether the items are independent enough for them
    std::optional<double> threshold;
};

class ReliabilityPanel {
  public:
    ReliabilityPanel(Figure& figure, const Panel& panel, Point corner)
        : figure_(figure),
          panel_(panel),
          plot_{corner.x, corner.y + heading_room, side, side},
          counts_{corner.x, plot_.bottom() + between, side, histogram_height},
          across_{0.0, 100.0, plot_.x, plot_.right()},
          up_{0.0, 100.0, plot_.bottom(), plot_.y} {}

    void draw(double axis_room) {
        figure_.text({plot_.x, plot_.y - 19.0}, panel_.name, {.size = heading_size, .bold = true});
        figure_.text({plot_.x, plot_.y - 7.0}, figure_.fitted(caption(), side, label_size),
                     {.size = label_size, .colour = faint_text_colour});
        const std::vector<Tick> ticks = nice_ticks(0.0, 100.0, 6);
        for (const Tick& tick : ticks) {
            figure_.line({plot_.x, up_(tick.value)}, {plot_.right(), up_(tick.value)}, grid_colour, 0.6);
            figure_.line({across_(tick.value), plot_.y}, {across_(tick.value), plot_.bottom()}, grid_colour, 0.6);
        }
        draw_points();
        figure_.outline(plot_, axis_colour, 0.7);
        draw_counts();
        draw_threshold();
        const bool named = axis_room > 0.0;
        draw_left_axis(figure_, plot_, up_, ticks, named ? "predictions that are right (%)" : "", axis_room);
        draw_bottom_axis(figure_, counts_, across_, ticks, "probability of the prediction (%)");
        if (named) {
            figure_.text({counts_.x - axis_room, counts_.y + 0.5 * counts_.height}, "predictions",
                         {.size = label_size, .along = Along::middle, .across = Across::top, .degrees = 90.0});
        }
    }

    static double height() { return heading_room + side + between + histogram_height + bottom_axis_height; }

  private:
    std::string caption() const {
        return fmt::format("{} {}, {:.1f}\u2009% right; calibration error {:.3f}",
                           grouped(static_cast<double>(panel_.level.items)), panel_.name, 100.0 * panel_.level.accuracy,
                           panel_.level.calibration_error);
    }

    void draw_points() {
        figure_.clip(plot_);
        std::vector<Point> points;
        const double bar = 0.5 * side / static_cast<double>(panel_.level.reliability.size());
        for (const evaluation::ConfidenceBin& bin : panel_.level.reliability) {
            if (bin.items == 0) continue;
            points.push_back({across_(100.0 * bin.confidence), up_(100.0 * bin.accuracy)});
            // The gap to the diagonal, which the calibration error is the mean of.
            const double expected = up_(100.0 * bin.confidence);
            const Point& at = points.back();
            const double width = std::min(9.0, bar);
            figure_.fill({at.x - 0.5 * width, std::min(at.y, expected), width, std::abs(at.y - expected)}, gap_colour);
        }
        figure_.polyline(std::array{Point{plot_.x, plot_.bottom()}, Point{plot_.right(), plot_.y}}, text_colour, 1.0,
                         diagonal_dashes);
        figure_.text({across_(3.0) - 3.0, up_(3.0) - 3.0}, "as it should be",
                     {.size = tick_size, .colour = faint_text_colour, .degrees = 45.0});
        figure_.release();
        if (panel_.intervals) draw_intervals();
        figure_.polyline(points, series_colour(0), 1.6);
        for (const Point& point : points) draw_mark(figure_, 0, point, series_colour(0));
    }

    void draw_intervals() {
        for (const evaluation::ConfidenceBin& bin : panel_.level.reliability) {
            if (bin.items == 0) continue;
            const auto items = static_cast<double>(bin.items);
            const evaluation::Interval interval = wilson(bin.accuracy * items, items);
            const double x = across_(100.0 * bin.confidence);
            const double low = up_(100.0 * interval.low);
            const double high = up_(100.0 * interval.high);
            figure_.line({x, low}, {x, high}, series_colour(0), 1.0);
            for (const double end : {low, high}) figure_.line({x - 3.0, end}, {x + 3.0, end}, series_colour(0), 1.0);
        }
    }

    void draw_counts() {
        const std::vector<evaluation::ConfidenceBin>& bins = panel_.level.reliability;
        std::int64_t most = 1;
        for (const evaluation::ConfidenceBin& bin : bins) most = std::max(most, bin.items);
        const double pitch = side / static_cast<double>(bins.size());
        for (std::size_t i = 0; i < bins.size(); ++i) {
            if (bins[i].items == 0) continue;
            const double height =
                (histogram_height - top_room) * static_cast<double>(bins[i].items) / static_cast<double>(most);
            const double left = counts_.x + pitch * static_cast<double>(i);
            figure_.fill({left + 1.0, counts_.bottom() - height, pitch - 2.0, height}, series_colour(0));
            const std::string count = grouped(static_cast<double>(bins[i].items));
            if (figure_.text_width(count, tick_size) > pitch + 2.0) continue;
            figure_.text({left + 0.5 * pitch, counts_.bottom() - height - 3.0}, count,
                         {.size = tick_size, .along = Along::middle});
        }
        figure_.outline(counts_, axis_colour, 0.7);
    }

    void draw_threshold() {
        if (!panel_.threshold || *panel_.threshold <= 0.0) return;
        const double x = across_(100.0 * *panel_.threshold);
        figure_.polyline(std::array{Point{x, plot_.y}, Point{x, plot_.bottom()}}, text_colour, 1.3, threshold_dashes);
        const bool left = *panel_.threshold > 0.3;
        figure_.text({left ? x - 4.0 : x + 4.0, plot_.y + 11.0}, left ? "uncertain \u2190" : "\u2192 named",
                     {.size = tick_size, .along = left ? Along::end : Along::start});
    }

    Figure& figure_;
    const Panel& panel_;
    Rect plot_;
    Rect counts_;
    Scale across_;
    Scale up_;
};

}  // namespace

void save_reliability_figure(const FigureTarget& target, const std::string& title,
                             const evaluation::Evaluation& evaluation) {
    const std::array panels{Panel{evaluation.metrics.tracks, "tracks", true, evaluation.threshold},
                            Panel{evaluation.metrics.segments, "segments", false, std::nullopt}};
    constexpr double axis_room = 44.0;
    const double title_room = title.empty() ? 0.0 : 26.0;
    const double width = 2.0 * margin + axis_room + 2.0 * side + panel_gap + tick_room + 18.0;
    Figure figure(target, width, margin + title_room + ReliabilityPanel::height() + margin,
                  title.empty() ? "Reliability diagram" : title);
    if (!title.empty()) {
        figure.text({margin, margin + title_size}, figure.fitted(title, width - 2.0 * margin, title_size, true),
                    {.size = title_size, .bold = true});
    }
    const double top = margin + title_room;
    const double left = margin + axis_room;
    ReliabilityPanel(figure, panels[0], {left, top}).draw(axis_room);
    ReliabilityPanel(figure, panels[1], {left + side + panel_gap + tick_room + 12.0, top}).draw(0.0);
    figure.save();
}

}  // namespace earmark::plot
