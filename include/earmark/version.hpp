#pragma once

/// @file
/// The version of libearmark.

#include <string_view>

#include "earmark/export.h"
#include "earmark/version.h"

namespace earmark {

/// The version of the library that is running, as "major.minor.patch" (https://semver.org). EARMARK_VERSION_MAJOR,
/// EARMARK_VERSION_MINOR and EARMARK_VERSION_PATCH are the version of the headers.
EARMARK_API std::string_view version() noexcept;

}  // namespace earmark
