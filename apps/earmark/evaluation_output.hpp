#pragma once

#include <vector>

#include "cli/output/output_options.hpp"
#include "evaluation/errors.hpp"
#include "evaluation/evaluation.hpp"

namespace earmark::commands {

/// Prints an evaluation: as a page with tables for people, as CSV with a row for each genre, or as one JSON object.
/// @param errors  the most confident ones, where they were asked for
void print_evaluation(const cli::OutputOptions& options, const evaluation::Evaluation& evaluation,
                      const std::vector<evaluation::TrackError>* errors);

}  // namespace earmark::commands
