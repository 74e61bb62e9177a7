#include "plot/signal/panels.hpp"

namespace earmark::plot {

namespace {

constexpr double name_gap = 6.0;

}  // namespace

double PanelPainter::left_room(Figure& figure) const {
    return tick_room + widest(figure, ticks_) + name_gap + label_size;
}

void PanelPainter::paint(Figure& figure, const Rect& plot, const Scale& time, bool left, bool right) {
    Scale scale = vertical();
    scale.from = plot.bottom();
    scale.to = plot.y;
    figure.clip(plot);
    paint_contents(figure, plot, time, scale);
    figure.release();
    figure.outline(plot, axis_colour, 0.7);
    if (left) draw_left_axis(figure, plot, scale, ticks_, axis_name(), left_room(figure));
    if (right) paint_right(figure, plot);
}

}  // namespace earmark::plot
