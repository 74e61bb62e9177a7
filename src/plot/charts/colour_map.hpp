#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace earmark::plot {

/// An sRGB colour, each channel from 0 to 255.
struct Colour {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;

    bool operator==(const Colour&) const = default;
};

/// A colour in OKLab (B. Ottosson 2020, https://bottosson.github.io/posts/oklab): lightness 0 to 1 and two opponent
/// axes. The Euclidean distance of two colours is how different they look.
struct OkLab {
    double lightness = 0.0;
    double a = 0.0;  ///< green (negative) to red
    double b = 0.0;  ///< blue (negative) to yellow
};

/// The same colour as the linear, unclipped channels of sRGB: inside the gamut when all lie from 0 to 1.
std::array<double, 3> to_linear_rgb(const OkLab& colour);
/// The nearest 8-bit sRGB colour; channels outside the gamut are clipped.
Colour to_colour(const OkLab& colour);
OkLab to_oklab(Colour colour);

/// A sequence of colours for numbers from 0 to 1. It is perceptually uniform by construction: lightness rises (or
/// falls) linearly while the hue moves along a curve in the a-b plane at constant speed, so equal steps of the number
/// are equal distances in OKLab.
class ColourMap {
  public:
    /// Of signals: dark violet over teal and green to light yellow.
    static const ColourMap& perceptual();
    /// Of tables: nearly white to dark blue. Printed in grey it reads the same.
    static const ColourMap& sequential();

    /// The colour at `position`, which is clamped to 0 … 1 (NaN counts as 0).
    Colour operator()(double position) const noexcept;
    /// The same before rounding to 8 bits.
    OkLab exact(double position) const noexcept;

  private:
    struct Curve;
    explicit ColourMap(const Curve& curve);

    static constexpr int size = 1024;
    std::array<OkLab, size> exact_;
    std::array<Colour, size> colours_;
};

/// Ten colours for categories. They stem from Okabe and Ito's palette (2008, https://jfly.uni-koeln.de/color) with two
/// dark and one light shade added, moved apart until any two differ by at least 0.12 in OKLab to normal sight,
/// protanopes and deuteranopes alike.
std::span<const Colour, 10> categorical_palette() noexcept;

/// Black or white, whichever reads better on `background`.
Colour readable_on(Colour background);

}  // namespace earmark::plot
