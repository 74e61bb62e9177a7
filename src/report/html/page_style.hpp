#pragma once

#include <string>
#include <string_view>

namespace earmark::report {

/// The style sheet of the report's page: light and dark, narrow and wide, and on paper.
std::string page_style();

/// The script of the report's page: sorts tables and switches between light and dark. Without it the page says the
/// same. It has no "<" and no "&", so that the page is well-formed XML too.
std::string_view page_script();

}  // namespace earmark::report
