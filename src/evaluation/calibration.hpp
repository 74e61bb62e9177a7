#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "earmark/model.hpp"
#include "evaluation/evaluation.hpp"
#include "evaluation/reliability.hpp"

namespace earmark::evaluation {

/// Fewer tracks than this say too little: neither is a calibration fitted on them, nor a threshold that names so few.
inline constexpr std::int64_t least_calibration_tracks = 20;

/// The share of what is named that is to be right, unless another is asked for.
inline constexpr double default_selective_accuracy = 0.85;

/// The range of temperatures.
inline constexpr double least_temperature = 0.05;
inline constexpr double greatest_temperature = 20.0;

/// The temperature, in its range, at which the mean cross-entropy of tracks is least; a track's probabilities are the
/// mean of softmax(logits / temperature) over its segments. Tracks rather than segments, since the prediction is on
/// tracks: their mean is less sure than its segments are. Golden section on the logarithm, around the best of a
/// grid; the same for the same numbers.
/// @param logits  segments × classes
/// @param labels  of each segment: 0 … classes-1
/// @param tracks  of each segment: any number, the same for all segments of a track
/// @throws Error bad_data when there is no segment, or the spans do not fit one another; internal as softmax
double fit_temperature(std::span<const float> logits, int classes, std::span<const int> labels,
                       std::span<const int> tracks);

/// Where to stop naming.
struct ThresholdFit {
    double threshold = 0.0;
    std::int64_t named = 0;  ///< items that are as sure as the threshold or surer
    std::int64_t right = 0;  ///< of these
    bool reached = false;    ///< whether as many of them are right as was wanted

    double accuracy() const { return static_cast<double>(right) / static_cast<double>(named); }
};

/// The lowest threshold at which at least `accuracy` (0 … 1) of the items that are as sure or surer are right, and at
/// least `least_calibration_tracks` are. When there is none, the one at which the largest share of them is right. A
/// threshold lies half way between two confidences; it is 0 when it names all items.
/// @throws Error bad_data when there are fewer than `least_calibration_tracks` items
ThresholdFit fit_threshold(std::span<const ScoredItem> items, double accuracy);

/// What fitting a model's calibration gave.
struct CalibrationFit {
    Calibration calibration;
    Evaluation before;  ///< of the part it was fitted on, at temperature 1 and without a threshold
    Evaluation after;   ///< the same with the calibration
    std::vector<std::string> warnings;
};

/// Fits a model's calibration on a part of a data set; one that the model has is not looked at.
/// @param split    of the data, made before; without options.part it is not looked at
/// @param options  split and allow_missing are not looked at
/// @param selective_accuracy  of what is named, at least; 0 … 1
/// @throws Error bad_option for the training part; bad_data when the model was trained on tracks of the part by another
///         split than this, when the part has fewer than `least_calibration_tracks` tracks, and as evaluate
CalibrationFit calibrate(const Classifier& classifier, const dataset::FeatureStore& data, const dataset::Split& split,
                         const EvaluationOptions& options, double selective_accuracy);

/// What the fit says for people: before and after, threshold and share named.
std::string to_table(const CalibrationFit& fit);

}  // namespace earmark::evaluation
