#pragma once

#include <optional>
#include <span>
#include <string>

#include "earmark/model.hpp"

namespace earmark::classify {

/// What a track is, if it is no music by the rule of the model; none for music, and for a model without a rule.
/// @param probabilities  of the track, one a label
std::optional<std::string> not_music(const Model& model, std::span<const float> probabilities);

}  // namespace earmark::classify
