#include "plot/charts/svg_markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "formats/base64.hpp"
#include "formats/html.hpp"

namespace earmark::plot {

namespace {

/// Colours that a page may change, by the names of their classes and custom properties.
struct NamedColour {
    const char* name;
    Colour light;
    Colour dark;
};
constexpr std::array named_colours{
    NamedColour{"ink", text_colour, {0xdc, 0xdc, 0xda}}, NamedColour{"faint", faint_text_colour, {0xa6, 0xa8, 0xab}},
    NamedColour{"axis", axis_colour, {0x86, 0x88, 0x8c}}, NamedColour{"grid", grid_colour, {0x33, 0x36, 0x3b}},
    NamedColour{"wave", wave_colour, {0x5d, 0xb0, 0xcf}}};

/// Lightness in OKLab that a line needs to be seen on a dark ground.
constexpr double least_lightness = 0.66;

Colour on_dark(Colour colour) {
    OkLab lab = to_oklab(colour);
    lab.lightness = std::max(lab.lightness, least_lightness);
    return to_colour(lab);
}

std::string hexadecimal(Colour colour) {
    return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

/// Hundredths of a point, without zeros at the end.
std::string number(double value) {
    std::string digits = fmt::format("{:.2f}", value);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return digits == "-0" ? "0" : digits;
}

std::optional<std::string> name_of(Colour colour) {
    for (const NamedColour& named : named_colours) {
        if (named.light == colour) return named.name;
    }
    const auto palette = categorical_palette();
    const auto found = std::ranges::find(palette, colour);
    if (found == palette.end()) return {};
    return fmt::format("c{}", found - palette.begin());
}

/// The attribute that sets `property` ("fill" or "stroke"): a class where the page may choose.
std::string paint(std::string_view property, Colour colour) {
    if (const std::optional<std::string> name = name_of(colour)) {
        return fmt::format(" class=\"{}-{}\"", property, *name);
    }
    return fmt::format(" {}=\"{}\"", property, hexadecimal(colour));
}

/// As `paint`, for shapes: white becomes the colour of the page.
std::string paint_shape(std::string_view property, Colour colour) {
    return colour == white ? fmt::format(" class=\"{}-paper\"", property) : paint(property, colour);
}

std::string list_of(std::span<const Point> points) {
    std::string list;
    for (const Point& point : points) {
        if (!list.empty()) list += ' ';
        list += fmt::format("{},{}", number(point.x), number(point.y));
    }
    return list;
}

std::string rectangle(const Rect& area) {
    return fmt::format(" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", number(area.x), number(area.y),
                       number(area.width), number(area.height));
}

}  // namespace

SvgMarkup::SvgMarkup(double width, double height, std::string_view title)
    : svg_(fmt::format("<svg viewBox=\"0 0 {0} {1}\" width=\"{0}pt\" height=\"{1}pt\" role=\"img\" aria-label=\"{2}\">"
                       "<title>{2}</title>\n",
                       number(width), number(height), formats::escaped(title))) {}

void SvgMarkup::fill(const Rect& area, Colour colour) {
    svg_ += fmt::format("<rect{}{}/>\n", rectangle(area), paint_shape("fill", colour));
}

void SvgMarkup::outline(const Rect& area, Colour colour, double line_width) {
    svg_ += fmt::format("<rect{} fill=\"none\"{} stroke-width=\"{}\"/>\n", rectangle(area),
                        paint_shape("stroke", colour), number(line_width));
}

void SvgMarkup::polyline(std::span<const Point> points, Colour colour, double line_width,
                         std::span<const double> dashes) {
    std::string dashed;
    for (const double dash : dashes) dashed += fmt::format("{}{}", dashed.empty() ? "" : " ", number(dash));
    if (!dashed.empty()) dashed = fmt::format(" stroke-dasharray=\"{}\"", dashed);
    svg_ += fmt::format("<polyline points=\"{}\" fill=\"none\"{} stroke-width=\"{}\"{}/>\n", list_of(points),
                        paint_shape("stroke", colour), number(line_width), dashed);
}

void SvgMarkup::polygon(std::span<const Point> points, Colour colour, double opacity) {
    svg_ += fmt::format("<polygon points=\"{}\"{}{}/>\n", list_of(points), paint_shape("fill", colour),
                        opacity < 1.0 ? fmt::format(" opacity=\"{}\"", number(opacity)) : std::string());
}

void SvgMarkup::circle(Point centre, double radius, Colour colour) {
    svg_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", number(centre.x), number(centre.y),
                        number(radius), paint_shape("fill", colour));
}

void SvgMarkup::image(const Rect& area, std::string_view png) {
    svg_ += fmt::format("<image{} preserveAspectRatio=\"none\" href=\"data:image/png;base64,{}\"/>\n", rectangle(area),
                        formats::to_base64({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()}));
}

void SvgMarkup::text(Point at, double down, std::string_view text, const TextStyle& style) {
    std::string attributes;
    if (style.along == Along::middle) attributes += " text-anchor=\"middle\"";
    if (style.along == Along::end) attributes += " text-anchor=\"end\"";
    if (style.bold) attributes += " font-weight=\"bold\"";
    std::string place = fmt::format(" x=\"{}\" y=\"{}\"", number(at.x), number(at.y + down));
    if (style.degrees != 0.0) {
        place = fmt::format(" y=\"{}\" transform=\"translate({} {}) rotate({})\"", number(down), number(at.x),
                            number(at.y), number(-style.degrees));
    }
    svg_ += fmt::format("<text{} font-size=\"{}\"{}{}>{}</text>\n", place, number(style.size), attributes,
                        paint("fill", style.colour), formats::escaped(text));
}

void SvgMarkup::clip(const Rect& area) {
    // An inner <svg> shows nothing outside itself.
    svg_ += fmt::format("<svg{0} viewBox=\"{1} {2} {3} {4}\" preserveAspectRatio=\"none\">\n", rectangle(area),
                        number(area.x), number(area.y), number(area.width), number(area.height));
}

void SvgMarkup::release() {
    svg_ += "</svg>\n";
}

std::string SvgMarkup::finish() {
    svg_ += "</svg>\n";
    return std::move(svg_);
}

std::string SvgMarkup::colours(bool dark) {
    std::string text;
    for (const NamedColour& named : named_colours) {
        text += fmt::format("--{}:{};", named.name, hexadecimal(dark ? named.dark : named.light));
    }
    for (const Colour colour : categorical_palette()) {
        text += fmt::format("--{}:{};", *name_of(colour), hexadecimal(dark ? on_dark(colour) : colour));
    }
    return text;
}

std::string SvgMarkup::rules() {
    std::vector<std::string> names{"paper"};
    for (const NamedColour& named : named_colours) names.emplace_back(named.name);
    for (const Colour colour : categorical_palette()) names.push_back(*name_of(colour));
    std::string text =
        "svg text{font-family:\"DejaVu Sans\",Verdana,sans-serif}\nsvg image{image-rendering:pixelated}\n";
    for (const std::string& name : names) {
        text += fmt::format(".fill-{0}{{fill:var(--{0})}}.stroke-{0}{{stroke:var(--{0})}}\n", name);
    }
    return text;
}

}  // namespace earmark::plot
