#pragma once

#include <cairo.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "plot/charts/colour_map.hpp"

namespace earmark::plot {

struct Point {
    double x = 0.0;
    double y = 0.0;
};

struct Rect {
    double x = 0.0;
    double y = 0.0;
    double width = 0.0;
    double height = 0.0;

    double right() const noexcept { return x + width; }
    double bottom() const noexcept { return y + height; }
};

inline constexpr Colour white{0xff, 0xff, 0xff};
inline constexpr Colour text_colour{0x33, 0x33, 0x33};
inline constexpr Colour faint_text_colour{0x66, 0x66, 0x66};
inline constexpr Colour axis_colour{0x80, 0x80, 0x80};
inline constexpr Colour grid_colour{0xe6, 0xe6, 0xe6};
inline constexpr Colour wave_colour{0x1f, 0x6f, 0x8b};

/// Where the given point lies in a text, along and across its line.
enum class Along { start, middle, end };
enum class Across { top, middle, baseline };

struct TextStyle {
    double size = 9.0;  ///< points
    bool bold = false;
    Colour colour = text_colour;
    Along along = Along::start;
    Across across = Across::baseline;
    double degrees = 0.0;  ///< counter-clockwise about the given point
};

/// Where a figure goes: to a file, or into an HTML page.
class FigureTarget {
  public:
    /// A file, whose extension chooses the format: .svg or .png, in either case. Not explicit: a path is a target.
    template <std::convertible_to<std::filesystem::path> Path>
    FigureTarget(const Path& path) : path_(path) {}
    /// An <svg> element for a page that has `SvgMarkup::rules` in its style, appended to `markup`, which must outlive
    /// the figure.
    static FigureTarget page(std::string& markup) { return FigureTarget(&markup); }

    const std::filesystem::path& path() const noexcept { return path_; }
    /// Null for a file.
    std::string* markup() const noexcept { return markup_; }
    /// For messages.
    std::string name() const { return markup_ != nullptr ? "a figure of the page" : path_.string(); }

  private:
    explicit FigureTarget(std::string* markup) : markup_(markup) {}

    std::filesystem::path path_;
    std::string* markup_ = nullptr;
};

class SvgMarkup;

/// A picture in points (1/72 inch), y downwards, on white. Written as SVG, with text as outlines so that it looks the
/// same everywhere, as PNG with two pixels a point, or as an element of an HTML page, with text as text and the colours
/// of the page. The same calls give the same bytes.
class Figure {
  public:
    /// The size of a pixel in points.
    static constexpr double pixel = 0.5;

    /// @param description  the title that an SVG carries for those who do not see it
    /// @throws Error bad_option for an extension other than .svg and .png, or a size outside 100 … 10000 points
    Figure(FigureTarget target, double width, double height, std::string_view description);
    ~Figure();

    double width() const noexcept { return width_; }
    double height() const noexcept { return height_; }

    void fill(const Rect& area, Colour colour);
    void outline(const Rect& area, Colour colour, double line_width);
    void line(Point from, Point to, Colour colour, double line_width);
    void polyline(std::span<const Point> points, Colour colour, double line_width, std::span<const double> dashes = {});
    void polygon(std::span<const Point> points, Colour colour, double opacity = 1.0);
    void circle(Point centre, double radius, Colour colour);
    /// `pixels` holds rows × columns colours, the top row first.
    void image(const Rect& area, std::span<const Colour> pixels, int columns, int rows);

    /// Draws one line of text; invalid UTF-8 and control characters are replaced.
    void text(Point at, std::string_view text, const TextStyle& style = {});
    double text_width(std::string_view text, double size, bool bold = false);
    /// `text`, shortened with an ellipsis so that it is at most `width` wide.
    std::string fitted(std::string_view text, double width, double size, bool bold = false);

    /// Clips drawing to `area` until `release`.
    void clip(const Rect& area);
    void release();

    /// Writes the file whole or not at all. @throws Error cannot_write
    void save();

  private:
    struct Destroy {
        void operator()(cairo_t* context) const { cairo_destroy(context); }
        void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    };

    void select_font(double size, bool bold);
    void set_colour(Colour colour, double opacity = 1.0);
    void trace(std::span<const Point> points);
    double printable_width(const std::string& text, double size, bool bold);

    FigureTarget target_;
    double width_;
    double height_;
    std::string description_;
    bool svg_;
    std::unique_ptr<std::string> output_;  // where Cairo puts the SVG; its address must not change
    std::unique_ptr<cairo_surface_t, Destroy> surface_;
    std::unique_ptr<cairo_t, Destroy> context_;
    std::unique_ptr<SvgMarkup> markup_;  // for a page; Cairo then only measures text
};

/// Says before hours of work whether a figure can be written to `path`.
/// @throws Error bad_option as Figure; cannot_write when its folder does not take a file
void check_figure_path(const std::filesystem::path& path);

}  // namespace earmark::plot
