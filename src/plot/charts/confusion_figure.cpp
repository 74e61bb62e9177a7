#include "plot/charts/confusion_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/throw.hpp"
#include "plot/charts/axes.hpp"

namespace earmark::plot {

namespace {

constexpr double margin = 14.0;
constexpr double longest_label = 150.0;
constexpr double longest_title = 500.0;
constexpr double label_gap = 6.0;
/// Cells smaller than this hold no figures.
constexpr double least_cell_with_text = 18.0;

double cell_size(std::size_t labels) {
    const auto count = static_cast<double>(labels);
    return std::clamp(480.0 / count, std::min(34.0, 2400.0 / count), 64.0);
}

class ConfusionFigure {
  public:
    ConfusionFigure(const std::vector<std::string>& labels, const std::vector<std::int64_t>& counts)
        : counts_(counts), size_(labels.size()), cell_(cell_size(size_)), extent_(cell_ * static_cast<double>(size_)) {
        for (std::size_t row = 0; row < size_; ++row) {
            const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(row * size_);
            totals_.push_back(std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(size_), std::int64_t{0}));
        }
        bar_ticks_ = vertical_ticks(0.0, 100.0, std::min(extent_, bar_height));
    }

    void save(const FigureTarget& target, const std::string& title, const std::vector<std::string>& labels) {
        // Widths of text are needed to know the size: measured on a figure that is not kept.
        Figure ruler(target, 100.0, 100.0, "");
        double widest_label = 0.0;
        for (const std::string& label : labels) {
            names_.push_back(ruler.fitted(label, longest_label, label_size));
            widest_label = std::max(widest_label, ruler.text_width(names_.back(), label_size));
        }
        slanted_ = widest_label > cell_ - 4.0;
        const double label_height = slanted_ ? 0.71 * widest_label + label_size : label_size;
        const double bar_width = 18.0 + colour_bar_width(ruler, bar_ticks_);
        const double top = margin + 40.0;
        matrix_ = {margin + label_size + 10.0 + widest_label + label_gap, top, extent_, extent_};
        const std::string summary = describe();
        const double headline = std::max(std::min(ruler.text_width(title, title_size, true), longest_title),
                                         ruler.text_width(summary, label_size));
        const double width = std::max(matrix_.right() + bar_width, matrix_.x + headline) + margin + 1.0;
        const double height = std::max(matrix_.bottom() + label_gap + label_height + 22.0 + margin, 160.0);

        Figure figure(target, std::ceil(width), std::ceil(height), title.empty() ? "Confusion matrix" : title);
        const double room = width - matrix_.x - margin;
        figure.text({matrix_.x, margin + title_size}, figure.fitted(title, room, title_size, true),
                    {.size = title_size, .bold = true});
        figure.text({matrix_.x, margin + title_size + 16.0}, summary,
                    {.size = label_size, .colour = faint_text_colour});
        draw_cells(figure);
        draw_labels(figure);
        figure.text({matrix_.x + 0.5 * extent_, height - margin}, "predicted genre",
                    {.size = heading_size, .along = Along::middle});
        figure.text({margin, matrix_.y + 0.5 * extent_}, "true genre",
                    {.size = heading_size, .along = Along::middle, .across = Across::top, .degrees = 90.0});
        const Rect bar{matrix_.right() + 18.0, matrix_.y, colour_bar_thickness, std::min(extent_, bar_height)};
        draw_colour_bar(figure, bar, ColourMap::sequential(), {0.0, 100.0, bar.bottom(), bar.y}, bar_ticks_,
                        "of the true genre (%)");
        figure.save();
    }

  private:
    static constexpr double bar_height = 220.0;

    std::int64_t count(std::size_t row, std::size_t column) const { return counts_[row * size_ + column]; }

    std::string describe() const {
        std::int64_t right = 0;
        for (std::size_t i = 0; i < size_; ++i) right += count(i, i);
        const std::int64_t all = std::accumulate(totals_.begin(), totals_.end(), std::int64_t{0});
        if (all == 0) return "nothing was judged";
        return fmt::format("{} of {} right: {:.1f}\u2009%", grouped(static_cast<double>(right)),
                           grouped(static_cast<double>(all)),
                           100.0 * static_cast<double>(right) / static_cast<double>(all));
    }

    void draw_cells(Figure& figure) {
        for (std::size_t row = 0; row < size_; ++row) {
            for (std::size_t column = 0; column < size_; ++column) {
                const Rect cell{matrix_.x + static_cast<double>(column) * cell_,
                                matrix_.y + static_cast<double>(row) * cell_, cell_, cell_};
                const double part = totals_[row] == 0
                                        ? 0.0
                                        : static_cast<double>(count(row, column)) / static_cast<double>(totals_[row]);
                const Colour colour = ColourMap::sequential()(part);
                figure.fill(cell, colour);
                if (cell_ >= least_cell_with_text) draw_numbers(figure, cell, row, column, part, colour);
            }
        }
        for (std::size_t i = 1; i < size_; ++i) {
            const double offset = static_cast<double>(i) * cell_;
            figure.line({matrix_.x + offset, matrix_.y}, {matrix_.x + offset, matrix_.bottom()}, grid_colour, 0.5);
            figure.line({matrix_.x, matrix_.y + offset}, {matrix_.right(), matrix_.y + offset}, grid_colour, 0.5);
        }
        figure.outline(matrix_, axis_colour, 0.7);
    }

    void draw_numbers(Figure& figure, const Rect& cell, std::size_t row, std::size_t column, double part,
                      Colour background) const {
        const Colour colour = readable_on(background);
        const Point centre{cell.x + 0.5 * cell.width, cell.y + 0.5 * cell.height};
        const double size = std::min(11.0, 0.28 * cell_);
        const auto draw = [&](double y, const std::string& words, double usual, bool bold) {
            const double width = figure.text_width(words, usual, bold);
            const double fit = std::min(1.0, (cell_ - 4.0) / std::max(width, 1.0));
            figure.text({centre.x, y}, words,
                        {.size = usual * fit,
                         .bold = bold,
                         .colour = colour,
                         .along = Along::middle,
                         .across = Across::middle});
        };
        draw(centre.y - 0.62 * size, grouped(static_cast<double>(count(row, column))), size, row == column);
        draw(centre.y + 0.72 * size,
             totals_[row] == 0 ? std::string("\u2013") : fmt::format("{:.0f}\u2009%", 100.0 * part), 0.8 * size, false);
    }

    void draw_labels(Figure& figure) {
        for (std::size_t i = 0; i < size_; ++i) {
            const double offset = (static_cast<double>(i) + 0.5) * cell_;
            figure.text({matrix_.x - label_gap, matrix_.y + offset}, names_[i],
                        {.size = std::min(label_size, cell_), .along = Along::end, .across = Across::middle});
            figure.text({matrix_.x + offset, matrix_.bottom() + label_gap}, names_[i],
                        {.size = std::min(label_size, cell_),
                         .along = slanted_ ? Along::end : Along::middle,
                         .across = Across::top,
                         .degrees = slanted_ ? 45.0 : 0.0});
        }
    }

    const std::vector<std::int64_t>& counts_;
    std::size_t size_;
    double cell_;
    double extent_;
    std::vector<std::int64_t> totals_;
    std::vector<Tick> bar_ticks_;
    std::vector<std::string> names_;
    bool slanted_ = false;
    Rect matrix_;
};

}  // namespace

void save_confusion_matrix(const plot::FigureTarget& target, const std::string& title,
                           const std::vector<std::string>& labels, const std::vector<std::int64_t>& counts) {
    if (labels.empty() || counts.size() != labels.size() * labels.size() ||
        std::ranges::any_of(counts, [](std::int64_t count) { return count < 0; })) {
        base::fail(ErrorCode::bad_option,
                   "{}: {} counts for {} labels. A confusion matrix has labels × labels counts from 0.", target.name(),
                   counts.size(), labels.size());
    }
    ConfusionFigure(labels, counts).save(target, title, labels);
}

}  // namespace earmark::plot
