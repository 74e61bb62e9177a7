#pragma once

#include <fmt/format.h>

#include "earmark/error.hpp"

namespace earmark::base {

/// Throws an Error with a formatted message.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace earmark::base
