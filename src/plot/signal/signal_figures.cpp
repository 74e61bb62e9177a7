#include "plot/signal/signal_figures.hpp"

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"
#include "plot/signal/panels.hpp"

namespace earmark::plot {

namespace {

constexpr double margin = 10.0;
constexpr double title_height = 26.0;
constexpr double column_title_height = 16.0;
constexpr double column_gap = 14.0;
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

using Painters = std::vector<std::unique_ptr<PanelPainter>>;

/// The painters of each column, with the ranges of a row joined.
std::vector<Painters> make_painters(const FigureTarget& target, const SignalSheet& sheet) {
    if (sheet.columns.empty()) base::fail(ErrorCode::bad_option, "{}: there is nothing to draw.", target.name());
    const std::vector<SignalPanel>& first = sheet.columns.front().panels;
    std::vector<Painters> painters;
    for (const SignalFigure& column : sheet.columns) {
        if (!(column.time.end > column.time.start) || !std::isfinite(column.time.end - column.time.start)) {
            base::fail(ErrorCode::bad_option, "{}: the picture would cover no time. Choose a longer stretch.",
                       target.name());
        }
        if (column.panels.size() != first.size()) {
            base::fail(ErrorCode::bad_option, "{}: the columns of a sheet have the same panels.", target.name());
        }
        Painters& made = painters.emplace_back();
        for (std::size_t i = 0; i < first.size(); ++i) {
            const bool genres = std::holds_alternative<GenrePanel>(column.panels[i]) ||
                                std::holds_alternative<TagPanel>(column.panels[i]);
            if (column.panels[i].index() != first[i].index() || (genres && sheet.columns.size() > 1)) {
                base::fail(ErrorCode::bad_option,
                           "{}: the columns of a sheet have the same panels, and none of genres or tags.",
                           target.name());
            }
            made.push_back(
                std::visit([&](const auto& one) { return make_painter(one, column.time); }, column.panels[i]));
        }
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
        for (const Painters& column : painters) painters.front()[i]->join(*column[i]);
        for (const Painters& column : painters) column[i]->join(*painters.front()[i]);
    }
    return painters;
}

}  // namespace

void save_signal_figure(const FigureTarget& target, const SignalFigure& figure) {
    SignalSheet sheet{.title = figure.title, .columns = {figure}, .width = figure.width, .height = figure.height};
    sheet.columns.front().title.clear();
    save_signal_sheet(target, sheet);
}

void save_signal_sheet(const FigureTarget& target, const SignalSheet& sheet) {
    const std::vector<Painters> painters = make_painters(target, sheet);
    const Painters& first = painters.front();
    const auto count = static_cast<double>(std::max<std::size_t>(1, first.size()));
    const auto columns = static_cast<double>(painters.size());
    const bool named = std::ranges::any_of(sheet.columns, [](const auto& column) { return !column.title.empty(); });
    const double names_top = margin + (sheet.title.empty() ? 0.0 : title_height);
    const double top = names_top + (named ? column_title_height : 0.0);
    const double fixed = top + count * heading_height + (count - 1.0) * panel_gap + bottom_axis_height + 2.0;
    const double height = sheet.height > 0.0 ? sheet.height : fixed + count * usual_plot_height;

    Figure figure(target, sheet.width, height, sheet.title.empty() ? "Earmark" : sheet.title);
    // Whole points keep the frames and the images sharp.
    Rect plot{.height = std::floor((height - fixed) / count)};
    if (plot.height < least_plot_height) {
        base::fail(ErrorCode::bad_option, "{}: {} points are too low for {} panels. Choose a height of {} or more.",
                   target.name(), height, first.size(), std::ceil(fixed + count * least_plot_height));
    }
    double left = 0.0;
    double right = margin;
    for (const Painters& column : painters) {
        for (const auto& painter : column) {
            painter->prepare(figure, plot.height);
            left = std::max(left, painter->left_room(figure));
            right = std::max(right, painter->right_room(figure));
        }
    }
    const double first_x = std::ceil(left + margin);
    const double room = sheet.width - first_x - right - margin - (columns - 1.0) * column_gap;
    plot.width = std::floor(room / columns);
    if (plot.width < least_plot_width) {
        base::fail(ErrorCode::bad_option, "{}: {} points are too narrow. Choose a width of {} or more.", target.name(),
                   sheet.width, std::ceil(sheet.width + columns * least_plot_width - room));
    }
    const double last_right = first_x + columns * plot.width + (columns - 1.0) * column_gap;

    if (!sheet.title.empty()) {
        figure.text({first_x, margin + title_size},
                    figure.fitted(sheet.title, sheet.width - first_x - margin, title_size, true),
                    {.size = title_size, .bold = true});
    }
    for (std::size_t c = 0; c < painters.size(); ++c) {
        const TimeSpan& span = sheet.columns[c].time;
        plot.x = first_x + static_cast<double>(c) * (plot.width + column_gap);
        figure.text({plot.x + 0.5 * plot.width, names_top + heading_size},
                    figure.fitted(sheet.columns[c].title, plot.width, heading_size, true),
                    {.size = heading_size, .bold = true, .along = Along::middle});
        const std::vector<Tick> ticks = horizontal_ticks(figure, span.start, span.end, plot.width);
        const Scale time{span.start, span.end, plot.x, plot.right()};
        plot.y = top;
        for (const auto& painter : painters[c]) {
            plot.y += heading_height;
            // A row has one title, across its columns.
            if (c == 0) draw_heading(figure, {plot.x, plot.y, last_right - plot.x, plot.height}, *painter);
            painter->paint(figure, plot, time, c == 0, c + 1 == painters.size());
            draw_bottom_axis(figure, plot, time, ticks, "time (s)", painter == painters[c].back());
            plot.y += plot.height + panel_gap;
        }
    }
    figure.save();
}

}  // namespace earmark::plot
