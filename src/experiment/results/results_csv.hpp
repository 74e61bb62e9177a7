#pragma once

#include <filesystem>
#include <span>

#include "experiment/results/results.hpp"

namespace earmark::experiment {

/// One row a finished or failed run: what was run, what came of it, and the commands that do it again. What is not
/// known or does not apply is empty.
std::string results_csv(const Experiment& experiment, std::span<const RunRecord* const> records);

}  // namespace earmark::experiment
