#pragma once

/// @file
/// The version of libearmark.

#include <string_view>

namespace earmark {

/// The version of the library that is running, as "major.minor.patch" (https://semver.org).
std::string_view version() noexcept;

}  // namespace earmark
