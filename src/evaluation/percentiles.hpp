#pragma once

#include <vector>

#include "evaluation/metrics.hpp"

namespace earmark::evaluation {

/// The percentiles 2.5 and 97.5 of some values, interpolated linearly; sorts them. Of none: 0.
Interval middle_95(std::vector<double>& values);

}  // namespace earmark::evaluation
