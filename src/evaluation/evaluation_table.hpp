#pragma once

#include <string>

#include "evaluation/evaluation.hpp"

namespace earmark::evaluation {

/// An evaluation for people: plain text, lines of at most about 100 columns for ten genres, with a warning in capitals
/// where the figures flatter the model. Figures that are undefined (see ClassMetrics) are shown as "-".
std::string to_table(const Evaluation& evaluation);

}  // namespace earmark::evaluation
