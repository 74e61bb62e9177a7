#pragma once

#include <span>

#include "earmark/model.hpp"

namespace earmark::classify {

/// See Prediction::uncertain.
bool is_uncertain(const Model& model, std::span<const float> probabilities);

}  // namespace earmark::classify
