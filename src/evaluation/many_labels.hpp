#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/feature_store.hpp"
#include "evaluation/evaluation.hpp"

namespace earmark::evaluation {

/// Some segments with what was said of them.
struct Judged {
    const std::vector<std::int64_t>& segments;
    const std::vector<int>& tracks;           ///< of each, its index in the data
    const std::vector<float>& probabilities;  ///< segments × the judge's labels
};

/// Measures many labels: those of the judge's that the data have. Sets `labels`, `predictions` and `many_labels`.
/// @param predicted_label  of each label of the data, that of the judge
/// @param split_artists    file of the artists that the split keeps whole, for the intervals; may be empty
/// @throws Error as read_artists and measure_labels
void measure_many_labels(Evaluation& result, const Predictor& predictor, const dataset::FeatureStore& data,
                         const std::vector<int>& predicted_label, const Judged& judged,
                         const std::filesystem::path& split_artists, const EvaluationOptions& options);

/// Replaces the intervals of the accuracies by those over whole artists. @throws Error as read_artists
void draw_artists(Evaluation& result, const dataset::FeatureStore& data, const EvaluationOptions& options);

/// The predictions on many labels as CSV: track, segments, a column a label with its probability, and a column
/// "true LABEL" each with 1 where it holds.
std::string many_labels_csv(const Evaluation& evaluation);

/// What is known of the labels, with thresholds fitted to the tracks of an evaluation (fit_label_thresholds). A label that
/// cannot be fitted there keeps what it has.
std::vector<LabelDetails> fitted_details(const Evaluation& evaluation, std::vector<LabelDetails> details);

}  // namespace earmark::evaluation
