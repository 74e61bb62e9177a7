#pragma once

#include <cairo.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "plot/charts/colour_map.hpp"

namespace earmark::testing {

inline std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A PNG as pixels.
class Picture {
  public:
    explicit Picture(const std::filesystem::path& path) {
        cairo_surface_t* surface = cairo_image_surface_create_from_png(path.c_str());
        EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS) << path;
        width = cairo_image_surface_get_width(surface);
        height = cairo_image_surface_get_height(surface);
        const unsigned char* data = cairo_image_surface_get_data(surface);
        const int stride = cairo_image_surface_get_stride(surface);
        for (int y = 0; y < height; ++y) {
            const auto* row = reinterpret_cast<const std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
            for (int x = 0; x < width; ++x) {
                pixels.push_back({static_cast<std::uint8_t>(row[x] >> 16U & 0xFFU),
                                  static_cast<std::uint8_t>(row[x] >> 8U & 0xFFU),
                                  static_cast<std::uint8_t>(row[x] & 0xFFU)});
            }
        }
        cairo_surface_destroy(surface);
    }

    plot::Colour at(int x, int y) const { return pixels.at(static_cast<std::size_t>(y) * width + x); }

    /// Whether the outermost pixels are white, as they are when nothing is cut off.
    bool has_white_border(int thickness = 4) const {
        const plot::Colour white{0xff, 0xff, 0xff};
        for (int y = 0; y < height; ++y) {
            const bool whole_row = y < thickness || y >= height - thickness;
            for (int x = 0; x < width; ++x) {
                if (!whole_row && x == thickness) x = width - thickness;
                if (at(x, y) != white) return false;
            }
        }
        return true;
    }

    int count(plot::Colour colour, int from_x = 0, int to_x = 1 << 30) const {
        int found = 0;
        for (int y = 0; y < height; ++y) {
            for (int x = from_x; x < std::min(width, to_x); ++x) found += at(x, y) == colour ? 1 : 0;
        }
        return found;
    }

    int width = 0;
    int height = 0;
    std::vector<plot::Colour> pixels;
};

/// Whether `xml` is well-formed as far as Cairo's output and our pages go: one root, tags closed in order, quoted
/// attributes, no bare < or &.
inline ::testing::AssertionResult is_well_formed(std::string_view xml) {
    const auto fail = [&](std::string_view why, std::size_t at) {
        return ::testing::AssertionFailure() << why << " at byte " << at << ": " << xml.substr(at, 60);
    };
    std::vector<std::string_view> open;
    int roots = 0;
    std::size_t at = 0;
    while (at < xml.size()) {
        if (xml[at] == '&') {
            const std::size_t end = xml.find(';', at);
            const std::string_view name = xml.substr(at + 1, end - at - 1);
            if (end == std::string_view::npos ||
                (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39")) {
                return fail("bare &", at);
            }
            at = end + 1;
            continue;
        }
        if (xml[at] != '<') {
            const auto byte = static_cast<unsigned char>(xml[at]);
            if (byte < 0x20 && byte != '\n') return fail("control character", at);
            if (open.empty() && byte != '\n') return fail("text outside the root", at);
            ++at;
            continue;
        }
        const std::size_t end = xml.find('>', at);
        if (end == std::string_view::npos) return fail("open tag", at);
        std::string_view tag = xml.substr(at + 1, end - at - 1);
        if (tag.find('<') != std::string_view::npos) return fail("bare <", at);
        std::size_t quotes = 0;
        for (const char c : tag) quotes += c == '"' ? 1 : 0;
        if (quotes % 2 != 0) return fail("open quote", at);
        if (tag == "!DOCTYPE html" && at == 0) {
        } else if (tag.starts_with('?')) {
            if (at != 0 || !tag.ends_with('?')) return fail("bad declaration", at);
        } else if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1)) return fail("closes another tag", at);
            open.pop_back();
        } else {
            if (open.empty() && ++roots > 1) return fail("second root", at);
            if (!tag.ends_with('/')) open.push_back(tag.substr(0, tag.find_first_of(" \n")));
        }
        at = end + 1;
    }
    if (!open.empty()) return ::testing::AssertionFailure() << "never closed: " << open.back();
    if (roots != 1) return ::testing::AssertionFailure() << "no root";
    return ::testing::AssertionSuccess();
}

}  // namespace earmark::testing
