#pragma once

#include <cstdint>

namespace earmark::library {

/// Seconds of the processor that reading a file of so many bytes may take: many times what the slowest format needs on
/// a slow machine.
double longest_reading(std::int64_t bytes) noexcept;

}  // namespace earmark::library
