#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plot/charts/figure.hpp"

namespace earmark::plot {

/// Writes a picture as an <svg> element for an HTML page: text stays text, and the colours of text, axes, grid and
/// categories are classes, so that the page can set them for light and dark. It has no identifiers, so any number of
/// them stand in one page.
class SvgMarkup {
  public:
    /// @param title  printable text
    SvgMarkup(double width, double height, std::string_view title);

    void fill(const Rect& area, Colour colour);
    void outline(const Rect& area, Colour colour, double line_width);
    void polyline(std::span<const Point> points, Colour colour, double line_width, std::span<const double> dashes);
    void polygon(std::span<const Point> points, Colour colour, double opacity);
    void circle(Point centre, double radius, Colour colour);
    /// @param png  the bytes of a PNG file
    void image(const Rect& area, std::string_view png);
    /// @param down  from `at` to the baseline, across the line
    /// @param text  printable
    void text(Point at, double down, std::string_view text, const TextStyle& style);
    void clip(const Rect& area);
    void release();

    /// The element; the picture is over.
    std::string finish();

    /// Declarations of the custom properties that `rules` uses, for light or dark pages. The page gives --paper, its
    /// ground.
    static std::string colours(bool dark);
    /// CSS rules for the classes of the elements.
    static std::string rules();

  private:
    std::string svg_;
};

}  // namespace earmark::plot
