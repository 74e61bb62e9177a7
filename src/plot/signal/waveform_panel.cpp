#include <algorithm>
#include <cmath>

#include "plot/signal/panels.hpp"

namespace earmark::plot {

namespace {

/// Least height, so that silence is visible as a line.
constexpr double least_thickness = 0.6;

class WaveformPainter final : public PanelPainter {
  public:
    WaveformPainter(const WaveformPanel& panel, const TimeSpan& time)
        : sample_rate_(panel.sample_rate),
          start_(time.start),
          samples_(panel.envelope.samples()),
          stride_(panel.envelope.stride()),
          extents_(panel.envelope.extents()) {
        double peak = 0.0;
        for (const Extent& extent : extents_) {
            peak = std::max({peak, std::abs(double{extent.low}), std::abs(double{extent.high})});
        }
        // Silence, or a peak beyond what can be drawn, gets the full scale.
        limit_ = peak > 0.0 && std::isfinite(peak) ? 1.05 * peak : 1.0;
    }

    std::string heading() const override { return "Waveform"; }
    std::string detail() const override { return grouped(sample_rate_) + " samples a second, mono"; }
    void prepare(Figure& /*figure*/, double height) override { ticks_ = vertical_ticks(-limit_, limit_, height); }
    double right_room(Figure& /*figure*/) const override { return 0.0; }
    void join(const PanelPainter& other) override {
        if (const auto* same = dynamic_cast<const WaveformPainter*>(&other)) limit_ = std::max(limit_, same->limit_);
    }

  protected:
    std::string axis_name() const override { return "amplitude"; }
    Scale vertical() const override { return {-limit_, limit_, 0.0, 1.0}; }

    void paint_contents(Figure& figure, const Rect& plot, const Scale& time, const Scale& vertical) override {
        for (const Tick& tick : ticks_) {
            const double y = vertical(tick.value);
            figure.line({plot.x, y}, {plot.right(), y}, grid_colour, 0.5);
        }
        const double seconds_a_pixel = (time.to_value - time.from_value) / (time.to - time.from) * Figure::pixel;
        if (stride_ == 1 && seconds_a_pixel * sample_rate_ < 1.0) {
            paint_line(figure, time, vertical);
        } else {
            paint_envelope(figure, plot, time, vertical);
        }
    }

  private:
    /// Less than a sample a pixel: a line through the samples.
    void paint_line(Figure& figure, const Scale& time, const Scale& vertical) const {
        std::vector<Point> points;
        for (std::size_t i = 0; i < extents_.size(); ++i) {
            const double second = start_ + static_cast<double>(i) / sample_rate_;
            points.push_back({time(second), vertical(extents_[i].low)});
        }
        if (points.size() == 1) points.push_back({points[0].x + 2.0, points[0].y});
        figure.polyline(points, wave_colour, 0.8);
    }

    /// Many samples a pixel: the lowest and highest of each.
    void paint_envelope(Figure& figure, const Rect& plot, const Scale& time, const Scale& vertical) const {
        const double samples_a_point =
            (time.to_value - time.from_value) / (time.to - time.from) * static_cast<double>(sample_rate_);
        const int pixels = static_cast<int>(std::ceil(plot.width / Figure::pixel));
        std::vector<Point> upper;
        std::vector<Point> lower;
        Extent previous;
        for (int pixel = 0; pixel < pixels; ++pixel) {
            const double left = pixel * Figure::pixel * samples_a_point;
            const double right = (pixel + 1) * Figure::pixel * samples_a_point;
            if (left >= static_cast<double>(samples_)) break;
            const auto stride = static_cast<double>(stride_);
            const std::size_t from = std::min(static_cast<std::size_t>(left / stride), extents_.size() - 1);
            const std::size_t to =
                std::clamp(static_cast<std::size_t>(std::ceil(right / stride)), from + 1, extents_.size());
            Extent extent = extents_[from];
            for (std::size_t i = from + 1; i < to; ++i) {
                extent.low = std::min(extent.low, extents_[i].low);
                extent.high = std::max(extent.high, extents_[i].high);
            }
            // Neighbours touch, as the sound between them did.
            Extent joined = extent;
            if (pixel > 0) joined = {std::min(extent.low, previous.high), std::max(extent.high, previous.low)};
            previous = extent;
            const double x = plot.x + pixel * Figure::pixel;
            double top = vertical(joined.high);
            double bottom = vertical(joined.low);
            const double missing = std::max(0.0, least_thickness - (bottom - top));
            top -= 0.5 * missing;
            bottom += 0.5 * missing;
            for (const double side : {x, x + Figure::pixel}) {
                upper.push_back({side, top});
                lower.push_back({side, bottom});
            }
        }
        upper.insert(upper.end(), lower.rbegin(), lower.rend());
        figure.polygon(upper, wave_colour);
    }

    int sample_rate_;
    double start_;
    std::int64_t samples_;
    std::int64_t stride_;
    std::vector<Extent> extents_;
    double limit_ = 1.0;
};

}  // namespace

std::unique_ptr<PanelPainter> make_painter(const WaveformPanel& panel, const TimeSpan& time) {
    return std::make_unique<WaveformPainter>(panel, time);
}

}  // namespace earmark::plot
