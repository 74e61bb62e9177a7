#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plot/signal/panels.hpp"

namespace earmark::plot {

namespace {

constexpr Colour other_colour{0xcf, 0xcf, 0xcf};

/// The probabilities of the segments, stacked, the genre that is most probable over all at the bottom.
class GenrePainter final : public PanelPainter {
  public:
    explicit GenrePainter(const GenrePanel& panel) : panel_(panel), means_(panel.labels.size()) {
        for (const SegmentPrediction& segment : panel_.segments) {
            for (std::size_t label = 0; label < means_.size(); ++label)
                means_[label] += segment.probabilities.at(label);
        }
        for (double& mean : means_) mean /= static_cast<double>(std::max<std::size_t>(1, panel_.segments.size()));
        ranking_.resize(means_.size());
        std::iota(ranking_.begin(), ranking_.end(), std::size_t{0});
        std::ranges::stable_sort(ranking_, std::greater{}, [&](std::size_t label) { return means_[label]; });
    }

    std::string heading() const override { return "Genre"; }
    std::string detail() const override {
        const std::size_t count = panel_.segments.size();
        return fmt::format("{} segment{}", grouped(static_cast<double>(count)), count == 1 ? "" : "s");
    }

    void prepare(Figure& figure, double height) override {
        ticks_ = vertical_ticks(0.0, 100.0, height);
        const std::size_t room =
            std::clamp<std::size_t>(static_cast<std::size_t>(height / 11.0), 1, categorical_palette().size());
        // One line for the rest when not all have room.
        const std::size_t shown = ranking_.size() <= room ? ranking_.size() : room - 1;
        entries_.clear();
        double rest = 1.0;
        name_width_ = 0.0;
        for (std::size_t rank = 0; rank < shown; ++rank) {
            const std::size_t label = ranking_[rank];
            // With few labels each keeps its colour from picture to picture.
            const std::size_t colour = means_.size() <= categorical_palette().size() ? label : rank;
            entries_.push_back({label, categorical_palette()[colour],
                                figure.fitted(panel_.labels[label], 110.0, tick_size), percent(means_[label])});
            rest -= means_[label];
        }
        if (shown < ranking_.size()) {
            entries_.push_back(
                {none, other_colour, fmt::format("{} others", ranking_.size() - shown), percent(std::max(0.0, rest))});
        }
        percent_width_ = 0.0;
        for (const Entry& entry : entries_) {
            name_width_ = std::max(name_width_, figure.text_width(entry.name, tick_size));
            percent_width_ = std::max(percent_width_, figure.text_width(entry.mean, tick_size));
        }
    }

    double right_room(Figure& /*figure*/) const override {
        return legend_gap + swatch + 5.0 + name_width_ + 10.0 + percent_width_;
    }

  protected:
    std::string axis_name() const override { return "probability (%)"; }
    Scale vertical() const override { return {0.0, 100.0, 0.0, 1.0}; }

    void paint_contents(Figure& figure, const Rect& plot, const Scale& time, const Scale& vertical) override {
        // Segments too thin to be told apart are averaged.
        const std::size_t count = panel_.segments.size();
        const auto bars = static_cast<std::size_t>(std::max(1.0, plot.width / thinnest_bar));
        const std::size_t group = std::max<std::size_t>(1, (count + bars - 1) / bars);
        for (std::size_t from = 0; from < count; from += group) {
            const std::size_t to = std::min(count, from + group);
            const double left = snapped(time(panel_.segments[from].start_seconds));
            const double right = snapped(time(panel_.segments[to - 1].end_seconds));
            double below = 0.0;
            for (const Entry& entry : entries_) {
                double above = below + 100.0 * share(entry, from, to);
                if (&entry == &entries_.back()) above = 100.0;  // no sliver of rounding
                const double top = vertical(above);
                figure.fill({left, top, right - left, vertical(below) - top}, entry.colour);
                below = above;
            }
            if (from > 0 && right - left >= 4.0) figure.line({left, plot.y}, {left, plot.bottom()}, white, 0.7);
        }
    }

    void paint_right(Figure& figure, const Rect& plot) override {
        if (entries_.empty()) return;
        // In the order of the stack: the most probable at the bottom.
        const auto count = static_cast<double>(entries_.size());
        const double pitch = std::min(15.0, plot.height / count);
        double y = plot.bottom() - 0.5 * pitch;
        const double x = plot.right() + legend_gap;
        for (const Entry& entry : entries_) {
            figure.fill({x, y - 0.5 * swatch, swatch, swatch}, entry.colour);
            figure.text({x + swatch + 5.0, y}, entry.name, {.size = tick_size, .across = Across::middle});
            figure.text(
                {x + right_room(figure) - legend_gap, y}, entry.mean,
                {.size = tick_size, .colour = faint_text_colour, .along = Along::end, .across = Across::middle});
            y -= pitch;
        }
    }

  private:
    struct Entry {
        std::size_t label;
        Colour colour;
        std::string name;
        std::string mean;
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    static constexpr double thinnest_bar = 1.5;
    static constexpr double legend_gap = 10.0;
    static constexpr double swatch = 8.0;

    /// Rounded to pixels, so that no background is visible between neighbours.
    static double snapped(double x) { return std::round(x / Figure::pixel) * Figure::pixel; }

    static std::string percent(double part) { return fmt::format("{:.0f}\u2009%", 100.0 * part); }

    /// Mean probability of an entry over the segments [from, to).
    double share(const Entry& entry, std::size_t from, std::size_t to) const {
        if (entry.label == none) return 0.0;  // gets the remaining space
        double sum = 0.0;
        for (std::size_t i = from; i < to; ++i) sum += panel_.segments[i].probabilities[entry.label];
        return sum / static_cast<double>(to - from);
    }

    const GenrePanel& panel_;
    std::vector<double> means_;
    std::vector<std::size_t> ranking_;
    std::vector<Entry> entries_;
    double name_width_ = 0.0;
    double percent_width_ = 0.0;
};

}  // namespace

std::unique_ptr<PanelPainter> make_painter(const GenrePanel& panel, const TimeSpan& /*time*/) {
    return std::make_unique<GenrePainter>(panel);
}

}  // namespace earmark::plot
