#pragma once

#include <optional>

#include "earmark/model.hpp"

namespace earmark::model {

/// How probable the most probable genre of a track must be so that nine in ten of such genres are right, as was measured
/// on tracks that neither trained nor calibrated the model: "sure" in Calibration::fit. None: nobody measured it.
std::optional<double> sure_threshold(const Calibration& calibration);

}  // namespace earmark::model
