#include "report/html/page_style.hpp"

#include <fmt/format.h>

#include "plot/charts/svg_markup.hpp"
#include "report/html/assets.hpp"

namespace earmark::report {

namespace {

constexpr std::string_view light =
    "--paper:#fffefb;--text:#1d1f23;--soft:#5c6066;--rule:#d5d3cc;--strong-rule:#4a4c50;"
    "--link:#1a5c8a;--shade:#f4f2ec;--warn:#8a3b12;--warn-ground:#fdf1e7;--mark:#fff3c4;";
constexpr std::string_view dark =
    "--paper:#16181c;--text:#dfdfdc;--soft:#a3a6ab;--rule:#34373d;--strong-rule:#9a9ca0;"
    "--link:#86bfe6;--shade:#1f2228;--warn:#f0b48c;--warn-ground:#33231a;--mark:#3d3720;";

}  // namespace

std::string page_style() {
    const std::string day = std::string(light) + plot::SvgMarkup::colours(false);
    const std::string night = std::string(dark) + plot::SvgMarkup::colours(true);
    return fmt::format(
        ":root{{color-scheme:light;{}}}\n@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        "{{color-scheme:dark;{}}}}}\n@media screen{{:root[data-theme=dark]{{color-scheme:dark;{}}}}}\n{}\n{}",
        day, night, night, plot::SvgMarkup::rules(), page_css);
}

std::string_view page_script() {
    return page_js;
}

}  // namespace earmark::report
