#include "plot/charts/colour_map.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace earmark::plot {

namespace {

double encode(double linear) {
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1.0 / 2.4) - 0.055;
}

double decode(std::uint8_t channel) {
    const double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

std::uint8_t to_byte(double linear) {
    return static_cast<std::uint8_t>(std::lround(255.0 * encode(std::clamp(linear, 0.0, 1.0))));
}

double cube(double value) {
    return value * value * value;
}

struct Point {
    double a;
    double b;
};

/// A point of the a-b plane by chroma and hue (degrees).
Point polar(double chroma, double hue) {
    const double angle = hue * std::numbers::pi / 180.0;
    return {chroma * std::cos(angle), chroma * std::sin(angle)};
}

/// De Casteljau's algorithm.
Point bezier(std::vector<Point> points, double t) {
    for (std::size_t left = points.size() - 1; left > 0; --left) {
        for (std::size_t i = 0; i < left; ++i) {
            points[i] = {std::lerp(points[i].a, points[i + 1].a, t), std::lerp(points[i].b, points[i + 1].b, t)};
        }
    }
    return points.front();
}

}  // namespace

std::array<double, 3> to_linear_rgb(const OkLab& colour) {
    const double l = cube(colour.lightness + 0.3963377774 * colour.a + 0.2158037573 * colour.b);
    const double m = cube(colour.lightness - 0.1055613458 * colour.a - 0.0638541728 * colour.b);
    const double s = cube(colour.lightness - 0.0894841775 * colour.a - 1.2914855480 * colour.b);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

Colour to_colour(const OkLab& colour) {
    const auto [red, green, blue] = to_linear_rgb(colour);
    return {to_byte(red), to_byte(green), to_byte(blue)};
}

OkLab to_oklab(Colour colour) {
    const double red = decode(colour.red);
    const double green = decode(colour.green);
    const double blue = decode(colour.blue);
    const double l = std::cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const double m = std::cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const double s = std::cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

/// The curve of a map: a Bézier curve in the a-b plane, and the lightness at its ends.
struct ColourMap::Curve {
    std::vector<Point> points;
    double lightness_from;
    double lightness_to;
};

ColourMap::ColourMap(const Curve& curve) : exact_{}, colours_{} {
    // A Bézier curve does not move at constant speed: tabulate its length, then walk it in equal steps.
    constexpr int fine = 8192;
    std::vector<Point> points;
    std::vector<double> lengths;
    for (int i = 0; i <= fine; ++i) {
        points.push_back(bezier(curve.points, static_cast<double>(i) / fine));
        lengths.push_back(
            i == 0 ? 0.0 : lengths.back() + std::hypot(points[i].a - points[i - 1].a, points[i].b - points[i - 1].b));
    }
    std::size_t piece = 0;
    for (int i = 0; i < size; ++i) {
        const double position = static_cast<double>(i) / (size - 1);
        const double length = position * lengths.back();
        while (piece + 2 < lengths.size() && lengths[piece + 1] < length) ++piece;
        const double part = (length - lengths[piece]) / (lengths[piece + 1] - lengths[piece]);
        exact_[i] = {std::lerp(curve.lightness_from, curve.lightness_to, position),
                     std::lerp(points[piece].a, points[piece + 1].a, part),
                     std::lerp(points[piece].b, points[piece + 1].b, part)};
        colours_[i] = to_colour(exact_[i]);
    }
}

const ColourMap& ColourMap::perceptual() {
    static const ColourMap map(Curve{{polar(0.090, 308), polar(0.165, 290), polar(0.090, 225), polar(0.180, 165),
                                      polar(0.170, 128), polar(0.115, 105)},
                                     0.200,
                                     0.965});
    return map;
}

const ColourMap& ColourMap::sequential() {
    static const ColourMap map(
        Curve{{polar(0.0, 0), polar(0.040, 235), polar(0.120, 240), polar(0.105, 262)}, 0.985, 0.300});
    return map;
}

Colour ColourMap::operator()(double position) const noexcept {
    // The comparison is false for NaN.
    const double clamped = position > 0.0 ? std::min(position, 1.0) : 0.0;
    return colours_[static_cast<std::size_t>(clamped * (size - 1) + 0.5)];
}

OkLab ColourMap::exact(double position) const noexcept {
    const double clamped = position > 0.0 ? std::min(position, 1.0) : 0.0;
    return exact_[static_cast<std::size_t>(clamped * (size - 1) + 0.5)];
}

std::span<const Colour, 10> categorical_palette() noexcept {
    static constexpr std::array<Colour, 10> palette{{{0x16, 0x60, 0xad},
                                                     {0xda, 0xb1, 0x16},
                                                     {0x05, 0x8e, 0x69},
                                                     {0xe1, 0x43, 0x01},
                                                     {0x65, 0xc3, 0xff},
                                                     {0xb7, 0x79, 0xbd},
                                                     {0x55, 0x22, 0x0a},
                                                     {0xfa, 0xeb, 0x43},
                                                     {0x22, 0x22, 0x66},
                                                     {0xab, 0xea, 0xd7}}};
    return palette;
}

Colour readable_on(Colour background) {
    return to_oklab(background).lightness > 0.62 ? Colour{0x1a, 0x1a, 0x1a} : Colour{0xff, 0xff, 0xff};
}

}  // namespace earmark::plot
