#include "report/signal_figures.hpp"

#include <algorithm>
#include <cmath>

#include "core/throw.hpp"
#include "report/panels.hpp"

namespace earmark {

using namespace report;

namespace {

constexpr double margin = 10.0;
constexpr double title_height = 26.0;
constexpr double heading_height = 17.0;
constexpr double panel_gap = 12.0;
constexpr double usual_plot_height = 165.0;
constexpr double least_plot_height = 40.0;
constexpr double least_plot_width = 100.0;

void draw_heading(Figure& figure, const Rect& plot, const PanelPainter& painter) {
    const double y = plot.y - 5.0;
    const std::string heading = figure.fitted(painter.heading(), plot.width, heading_size, true);
    figure.text({plot.x, y}, heading, {.size = heading_size, .bold = true});
    const double used = figure.text_width(heading, heading_size, true) + 8.0;
    figure.text({plot.x + used, y}, figure.fitted(painter.detail(), plot.width - used, tick_size),
                {.size = tick_size, .colour = faint_text_colour});
}

}  // namespace

void save_signal_figure(const std::filesystem::path& path, const SignalFigure& signal) {
    if (!(signal.time.end > signal.time.start) || !std::isfinite(signal.time.end - signal.time.start)) {
        fail(ErrorCode::bad_option, "{}: the picture would cover no time. Choose a longer stretch.", path.string());
    }
    std::vector<std::unique_ptr<PanelPainter>> painters;
    for (const SignalPanel& panel : signal.panels) {
        painters.push_back(std::visit([&](const auto& one) { return make_painter(one, signal.time); }, panel));
    }
    const auto count = static_cast<double>(std::max<std::size_t>(1, painters.size()));
    const double top = margin + (signal.title.empty() ? 0.0 : title_height);
    const double fixed = top + count * heading_height + (count - 1.0) * panel_gap + bottom_axis_height + 2.0;
    const double height = signal.height > 0.0 ? signal.height : fixed + count * usual_plot_height;

    Figure figure(path, signal.width, height, signal.title.empty() ? "Earmark" : signal.title);
    // Whole points keep the frames and the images sharp.
    Rect plot{.height = std::floor((height - fixed) / count)};
    if (plot.height < least_plot_height) {
        fail(ErrorCode::bad_option, "{}: {} points are too low for {} panels. Choose a height of {} or more.",
             path.string(), height, painters.size(), std::ceil(fixed + count * least_plot_height));
    }
    double left = 0.0;
    double right = margin;
    for (const auto& painter : painters) {
        painter->prepare(figure, plot.height);
        left = std::max(left, painter->left_room(figure));
        right = std::max(right, painter->right_room(figure));
    }
    plot.x = std::ceil(left + margin);
    plot.width = std::floor(signal.width - plot.x - right - margin);
    if (plot.width < least_plot_width) {
        fail(ErrorCode::bad_option, "{}: {} points are too narrow. Choose a width of {} or more.", path.string(),
             signal.width, std::ceil(signal.width - plot.width + least_plot_width));
    }

    if (!signal.title.empty()) {
        figure.text({plot.x, margin + title_size},
                    figure.fitted(signal.title, signal.width - plot.x - margin, title_size, true),
                    {.size = title_size, .bold = true});
    }
    const std::vector<Tick> ticks = horizontal_ticks(figure, signal.time.start, signal.time.end, plot.width);
    const Scale time{signal.time.start, signal.time.end, plot.x, plot.right()};
    plot.y = top;
    for (const auto& painter : painters) {
        plot.y += heading_height;
        draw_heading(figure, plot, *painter);
        painter->paint(figure, plot, time);
        draw_bottom_axis(figure, plot, time, ticks, "time (s)", painter == painters.back());
        plot.y += plot.height + panel_gap;
    }
    figure.save();
}

}  // namespace earmark
