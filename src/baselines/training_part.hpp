#pragma once

#include <cstdint>
#include <vector>

#include "dataset/split.hpp"

namespace earmark::baselines {

/// The segments that a baseline learns from. @throws Error bad_data when there are none, or their tracks may
/// have several labels
std::vector<std::int64_t> training_part(const dataset::FeatureStore& store, const dataset::Split& split);

/// @throws Error interrupted
[[noreturn]] void stopped_early();

}  // namespace earmark::baselines
