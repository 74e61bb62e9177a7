#include "plot/charts/colour_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace earmark::plot {

namespace {

double distance(const OkLab& x, const OkLab& y) {
    return std::hypot(x.lightness - y.lightness, x.a - y.a, x.b - y.b);
}

double decode(std::uint8_t channel) {
    const double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

/// CIE 1976 lightness, 0 to 100: an opinion independent of OKLab.
double cie_lightness(Colour colour) {
    const double y = 0.2126 * decode(colour.red) + 0.7152 * decode(colour.green) + 0.0722 * decode(colour.blue);
    return y > 216.0 / 24389.0 ? 116.0 * std::cbrt(y) - 16.0 : y * 24389.0 / 27.0;
}

class ColourMaps : public ::testing::TestWithParam<const ColourMap*> {};

TEST_P(ColourMaps, StepsAreEqualDistances) {
    constexpr int steps = 64;
    double total = 0.0;
    for (int i = 0; i < steps; ++i) {
        total += distance(GetParam()->exact(double(i) / steps), GetParam()->exact(double(i + 1) / steps));
    }
    for (int i = 0; i < steps; ++i) {
        const double step = distance(GetParam()->exact(double(i) / steps), GetParam()->exact(double(i + 1) / steps));
        EXPECT_NEAR(step, total / steps, 0.1 * total / steps) << i;
    }
    EXPECT_GT(total, 0.6);
}

TEST_P(ColourMaps, RoundedStepsAreEqualDistancesToo) {
    constexpr int steps = 16;  // long enough for the rounding to 8 bits not to matter
    double total = 0.0;
    std::vector<double> lengths;
    for (int i = 0; i < steps; ++i) {
        lengths.push_back(
            distance(to_oklab((*GetParam())(double(i) / steps)), to_oklab((*GetParam())(double(i + 1) / steps))));
        total += lengths.back();
    }
    for (const double length : lengths) EXPECT_NEAR(length, total / steps, 0.1 * total / steps);
}

TEST_P(ColourMaps, LightnessIsLinearAndMonotone) {
    const double from = GetParam()->exact(0.0).lightness;
    const double to = GetParam()->exact(1.0).lightness;
    for (int i = 0; i <= 64; ++i) {
        EXPECT_NEAR(GetParam()->exact(i / 64.0).lightness, std::lerp(from, to, i / 64.0), 1e-3);
    }
    for (int i = 0; i < 128; ++i) {
        const double step = cie_lightness((*GetParam())((i + 1) / 128.0)) - cie_lightness((*GetParam())(i / 128.0));
        EXPECT_GT(step * (to - from), 0.0) << i;
    }
}

TEST_P(ColourMaps, LiesWithinTheGamut) {
    for (int i = 0; i <= 1000; ++i) {
        for (const double channel : to_linear_rgb(GetParam()->exact(i / 1000.0))) {
            EXPECT_GE(channel, 0.0) << i;
            EXPECT_LE(channel, 1.0) << i;
        }
    }
}

TEST_P(ColourMaps, TakesAnyNumber) {
    const ColourMap& map = *GetParam();
    EXPECT_EQ(map(-5.0), map(0.0));
    EXPECT_EQ(map(7.0), map(1.0));
    EXPECT_EQ(map(std::nan("")), map(0.0));
    EXPECT_EQ(map(INFINITY), map(1.0));
}

INSTANTIATE_TEST_SUITE_P(Both, ColourMaps, ::testing::Values(&ColourMap::perceptual(), &ColourMap::sequential()),
                         [](const auto& tested) {
                             return tested.param == &ColourMap::perceptual() ? "Perceptual" : "Sequential";
                         });

TEST(ColourMap, RunsFromVioletOverGreenToYellow) {
    const ColourMap& map = ColourMap::perceptual();
    EXPECT_GT(map(0.0).blue, map(0.0).green);
    EXPECT_GT(map(0.0).red, map(0.0).green);
    EXPECT_GT(map(0.7).green, map(0.7).red);
    EXPECT_GT(map(0.7).green, map(0.7).blue);
    EXPECT_GT(map(1.0).red, 220);
    EXPECT_GT(map(1.0).green, 220);
    EXPECT_LT(map(1.0).blue, 180);
}

TEST(ColourMap, OkLabRoundTrips) {
    for (const Colour colour : {Colour{0, 0, 0}, Colour{255, 255, 255}, Colour{12, 200, 99}, Colour{255, 0, 1}}) {
        EXPECT_EQ(to_colour(to_oklab(colour)), colour);
    }
    EXPECT_NEAR(to_oklab({255, 255, 255}).lightness, 1.0, 1e-6);
}

/// Linear sRGB as a dichromat sees it: Machado, Oliveira & Fernandes 2009, severity 1.
using Matrix = std::array<std::array<double, 3>, 3>;
OkLab seen(Colour colour, const Matrix& matrix) {
    const double in[3] = {decode(colour.red), decode(colour.green), decode(colour.blue)};
    const auto channel = [&](int row) {
        const double value = matrix[row][0] * in[0] + matrix[row][1] * in[1] + matrix[row][2] * in[2];
        const double clipped = std::clamp(value, 0.0, 1.0);
        const double encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * std::pow(clipped, 1.0 / 2.4) - 0.055;
        return static_cast<std::uint8_t>(std::lround(255.0 * encoded));
    };
    return to_oklab({channel(0), channel(1), channel(2)});
}

TEST(CategoricalPalette, IsToldApartByEveryone) {
    constexpr Matrix normal{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    constexpr Matrix protanope{
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
    constexpr Matrix deuteranope{
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
    const auto palette = categorical_palette();
    for (const Matrix& eye : {normal, protanope, deuteranope}) {
        for (std::size_t i = 0; i < palette.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                EXPECT_GT(distance(seen(palette[i], eye), seen(palette[j], eye)), 0.118) << i << " and " << j;
            }
        }
    }
}

TEST(ReadableOn, HasContrastOnEveryShade) {
    for (int i = 0; i <= 100; ++i) {
        const Colour background = ColourMap::sequential()(i / 100.0);
        const Colour text = readable_on(background);
        const auto luminance = [](Colour c) {
            return 0.2126 * decode(c.red) + 0.7152 * decode(c.green) + 0.0722 * decode(c.blue);
        };
        const double lighter = std::max(luminance(text), luminance(background)) + 0.05;
        const double darker = std::min(luminance(text), luminance(background)) + 0.05;
        EXPECT_GT(lighter / darker, 3.5) << i;
    }
}

}  // namespace

}  // namespace earmark::plot
