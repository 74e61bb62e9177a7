#pragma once

#include <cstdint>
#include <vector>

#include "dataset/split.hpp"

namespace earmark::baselines {

/// The segments that a baseline learns from. @throws Error bad_data when there are none
std::vector<std::int64_t> training_part(const dataset::Split& split);

/// @throws Error interrupted
[[noreturn]] void stopped_early();

}  // namespace earmark::baselines
