#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plot/charts/axes.hpp"
#include "plot/signal/signal_figures.hpp"

namespace earmark::plot {

/// One panel of a signal figure. `prepare` comes first: it settles ticks and legends for the height that the plot will
/// have, on which the room at its sides depends.
class PanelPainter {
  public:
    virtual ~PanelPainter() = default;

    virtual std::string heading() const = 0;
    /// How it was computed, in a few words.
    virtual std::string detail() const = 0;
    virtual void prepare(Figure& figure, double height) = 0;
    /// Widens the ranges of axis and colours to take in those of a panel of the same kind, so that the two can be
    /// compared; before `prepare`.
    virtual void join(const PanelPainter& /*other*/) {}
    /// Points that axis, colour bar and legend take left and right of the plot.
    double left_room(Figure& figure) const;
    virtual double right_room(Figure& figure) const = 0;
    /// @param left   whether it has the axis at its left
    /// @param right  whether the part at its right is drawn
    void paint(Figure& figure, const Rect& plot, const Scale& time, bool left, bool right);

  protected:
    virtual std::string axis_name() const = 0;
    /// The vertical scale; `from` and `to` are set to the plot's bottom and top.
    virtual Scale vertical() const = 0;
    virtual void paint_contents(Figure& figure, const Rect& plot, const Scale& time, const Scale& vertical) = 0;
    /// Draws the part right of the plot.
    virtual void paint_right(Figure& /*figure*/, const Rect& /*plot*/) {}

    std::vector<Tick> ticks_;
};

/// The painter of a panel, which must outlive it.
std::unique_ptr<PanelPainter> make_painter(const WaveformPanel& panel, const TimeSpan& time);
std::unique_ptr<PanelPainter> make_painter(const FeaturePanel& panel, const TimeSpan& time);
std::unique_ptr<PanelPainter> make_painter(const GenrePanel& panel, const TimeSpan& time);
std::unique_ptr<PanelPainter> make_painter(const TagPanel& panel, const TimeSpan& time);

}  // namespace earmark::plot
