#pragma once

#include <string_view>

namespace earmark::report {

// The files of src/report/html/assets/, which CMake embeds (cmake/EarmarkEmbed.cmake).
extern const std::string_view page_css;  ///< all rules but those that set colours
extern const std::string_view page_js;   ///< the switch between light and dark, and tables that can be sorted

}  // namespace earmark::report
