#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/reliability.hpp"

namespace earmark::evaluation {

/// Where a figure lies in 95 of 100 repetitions.
struct Interval {
    double low = 0.0;
    double high = 0.0;
};

/// How well one class is told from the others. What would be a division by zero is left empty: recall, F1 and AUC of a
/// class without items, precision of a class that nothing was taken for.
struct ClassMetrics {
    std::int64_t items = 0;           ///< that truly are of the class
    std::optional<double> precision;  ///< TP / (TP + FP)
    std::optional<double> recall;     ///< TP / (TP + FN)
    std::optional<double> f1;         ///< 2 TP / (2 TP + FP + FN)
    std::optional<double> auc;        ///< area under the ROC curve, this class against the rest
};

/// Figures over items, which are either segments or tracks.
struct LevelMetrics {
    std::int64_t items = 0;
    double accuracy = 0.0;
    Interval accuracy_interval;  ///< 95 % bootstrap over tracks
    double brier = 0.0;          ///< mean over items of Σ (probability - truth)² over classes, 0 … 2 (Brier 1950)
    double calibration_error = 0.0;             ///< expected, of bins of equal width
    double calibration_error_equal_mass = 0.0;  ///< the same of as many bins of equal mass
    std::vector<ConfidenceBin> reliability;     ///< bins of equal width
    double loss = 0.0;  ///< mean cross-entropy in nats; probabilities below 1e-7 count as 1e-7, as in Keras
    std::vector<std::int64_t> confusion;  ///< classes × classes: [truth · classes + prediction]
    std::vector<ClassMetrics> classes;
    std::optional<double> macro_f1;   ///< mean over the classes that have one
    std::optional<double> macro_auc;  ///< mean over the classes that have one, each against the rest
};

struct Metrics {
    LevelMetrics segments;
    LevelMetrics tracks;
};

struct BootstrapOptions {
    int resamples = 2000;
    std::uint64_t seed = 0;
};

/// What is known of a track, over one judging of it or several.
struct TrackTally {
    std::int64_t segments = 0;
    std::int64_t segments_right = 0;
    std::int64_t predictions = 1;  ///< on the whole track
    std::int64_t predictions_right = 0;
};

struct AccuracyIntervals {
    Interval segments;
    Interval tracks;
};

/// 95 % intervals of the accuracies of segments and tracks: percentiles (2.5 and 97.5, interpolated linearly) over
/// resamples of as many tracks, drawn with replacement. The seed decides the draws.
/// @param tracks  at least one with a segment and a prediction; in what order matters to the draws
AccuracyIntervals bootstrap_accuracy(std::span<const TrackTally> tracks, const BootstrapOptions& options = {});

/// Figures from the probabilities of segments. The prediction on an item is its most probable class, the first of equal
/// ones; a track's probabilities are the mean of its segments'.
///
/// The intervals are those of `bootstrap_accuracy`: segments of one track are alike, so for the accuracy of segments
/// too whole tracks are drawn.
/// @param probabilities  segments × classes
/// @param labels         of each segment: 0 … classes-1
/// @param tracks         of each segment: any number, the same for all segments of a track
/// @param bins           of confidence
/// @throws Error bad_option as equal_width_bins; bad_data when there is no segment, the spans do not fit one another, a
/// probability is not in 0 … 1, or
///         one track has two labels
Metrics measure(std::span<const float> probabilities, int classes, std::span<const int> labels,
                std::span<const int> tracks, const BootstrapOptions& bootstrap = {}, int bins = 10);

}  // namespace earmark::evaluation
