#pragma once

#include <optional>
#include <string>

#include "earmark/model.hpp"

namespace earmark::model {

/// How probable the most probable genre of a track must be so that nine in ten of such genres are right, as was measured
/// on tracks that neither trained nor calibrated the model: "sure" in Calibration::fit. None: nobody measured it.
std::optional<double> sure_threshold(const Calibration& calibration);

/// The same of the models that Earmark ships, by the hash of the file: they were measured after they were made, and a
/// threshold in the file would make it another model to an index (assets/sure_thresholds.json).
std::optional<double> shipped_sure_threshold(const std::string& fingerprint);

}  // namespace earmark::model
