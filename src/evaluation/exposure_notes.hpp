#pragma once

#include <string>
#include <vector>

#include "evaluation/evaluation.hpp"

namespace earmark::evaluation {

/// Sentences on whether the tracks of an evaluation were in the model's training, for people. Those that say so begin with
/// a word in capitals: LEAKY, PERHAPS LEAKY, VALIDATION, UNKNOWN or PRE-TRAINED.
std::vector<std::string> exposure_notes(const Evaluation& evaluation);

}  // namespace earmark::evaluation
