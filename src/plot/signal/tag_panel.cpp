#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "plot/signal/panels.hpp"

namespace earmark::plot {

namespace {

/// The probabilities of the labels over time, a row each, the one that is most probable over all at the top.
class TagPainter final : public PanelPainter {
  public:
    explicit TagPainter(const TagPanel& panel) : panel_(panel), means_(panel.labels.size()) {
        for (const SegmentPrediction& segment : panel_.segments) {
            for (std::size_t label = 0; label < means_.size(); ++label)
                means_[label] += static_cast<double>(segment.probabilities.at(label));
        }
        for (double& mean : means_) mean /= static_cast<double>(std::max<std::size_t>(1, panel_.segments.size()));
        ranking_.resize(means_.size());
        std::iota(ranking_.begin(), ranking_.end(), std::size_t{0});
        std::ranges::stable_sort(ranking_, std::greater{}, [&](std::size_t label) { return means_[label]; });
    }

    std::string heading() const override { return "Tags"; }
    std::string detail() const override {
        return fmt::format("the {} most probable of {}; {} to {}", rows(), means_.size(), percent(0.0),
                           percent(highest_));
    }

    void prepare(Figure& figure, double height) override {
        constexpr double row_height = 10.0;
        const auto room = std::max<std::size_t>(1, static_cast<std::size_t>(height / row_height));
        shown_ = ranking_;
        if (shown_.size() > room) shown_.resize(room);
        // Rare labels have low probabilities: the colours end where the picture does.
        highest_ = least_full_scale;
        name_width_ = 0.0;
        mean_width_ = 0.0;
        names_.clear();
        for (const std::size_t label : shown_) {
            for (const SegmentPrediction& segment : panel_.segments) {
                highest_ = std::max(highest_, static_cast<double>(segment.probabilities[label]));
            }
            names_.push_back(figure.fitted(panel_.labels[label], 130.0, tick_size));
            name_width_ = std::max(name_width_, figure.text_width(names_.back(), tick_size));
            mean_width_ = std::max(mean_width_, figure.text_width(percent(means_[label]), tick_size));
        }
    }

    double right_room(Figure& /*figure*/) const override { return legend_gap + name_width_ + 10.0 + mean_width_; }

  protected:
    std::string axis_name() const override { return ""; }
    Scale vertical() const override { return {static_cast<double>(rows()), 0.0, 0.0, 1.0}; }

    void paint_contents(Figure& figure, const Rect& plot, const Scale& time, const Scale& vertical) override {
        // Segments too thin to be told apart are averaged. Where segments overlap, each is drawn up to the next.
        const std::size_t count = panel_.segments.size();
        const auto bars = static_cast<std::size_t>(std::max(1.0, plot.width / thinnest_bar));
        const std::size_t group = std::max<std::size_t>(1, (count + bars - 1) / bars);
        for (std::size_t from = 0; from < count; from += group) {
            const std::size_t to = std::min(count, from + group);
            double end = panel_.segments[to - 1].end_seconds;
            if (to < count) end = std::min(end, panel_.segments[to].start_seconds);
            const double left = snapped(time(panel_.segments[from].start_seconds));
            const double right = snapped(time(end));
            for (std::size_t row = 0; row < shown_.size(); ++row) {
                const double top = snapped(vertical(static_cast<double>(row)));
                const double bottom = snapped(vertical(static_cast<double>(row + 1)));
                figure.fill({left, top, right - left, bottom - top},
                            ColourMap::sequential()(mean(shown_[row], from, to) / highest_));
            }
        }
    }

    void paint_right(Figure& figure, const Rect& plot) override {
        const double pitch = plot.height / static_cast<double>(rows());
        const double x = plot.right() + legend_gap;
        for (std::size_t row = 0; row < shown_.size(); ++row) {
            const double y = plot.y + (static_cast<double>(row) + 0.5) * pitch;
            figure.text({x, y}, names_[row], {.size = tick_size, .across = Across::middle});
            figure.text(
                {plot.right() + right_room(figure), y}, percent(means_[shown_[row]]),
                {.size = tick_size, .colour = faint_text_colour, .along = Along::end, .across = Across::middle});
        }
    }

  private:
    static constexpr double thinnest_bar = 3.0;
    static constexpr double legend_gap = 10.0;
    static constexpr double least_full_scale = 0.1;

    static double snapped(double x) { return std::round(x / Figure::pixel) * Figure::pixel; }
    static std::string percent(double part) { return fmt::format("{:.0f}\u2009%", 100.0 * part); }

    std::size_t rows() const { return std::max<std::size_t>(1, shown_.size()); }

    /// Mean probability of a label over the segments [from, to).
    double mean(std::size_t label, std::size_t from, std::size_t to) const {
        double sum = 0.0;
        for (std::size_t i = from; i < to; ++i) sum += static_cast<double>(panel_.segments[i].probabilities[label]);
        return sum / static_cast<double>(to - from);
    }

    const TagPanel& panel_;
    std::vector<double> means_;
    std::vector<std::size_t> ranking_;
    std::vector<std::size_t> shown_;
    std::vector<std::string> names_;  // of those shown
    double highest_ = 1.0;            // probability of the colours' end
    double name_width_ = 0.0;
    double mean_width_ = 0.0;
};

}  // namespace

std::unique_ptr<PanelPainter> make_painter(const TagPanel& panel, const TimeSpan& /*time*/) {
    return std::make_unique<TagPainter>(panel);
}

}  // namespace earmark::plot
