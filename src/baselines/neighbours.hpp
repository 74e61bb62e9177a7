#pragma once

#include <string>

#include "base/stop.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"
#include "evaluation/evaluation.hpp"

namespace earmark::baselines {

/// What one item of the nearest neighbours is made of.
enum class NeighbourUnit {
    track,   ///< all segments that a track has in the part at hand; the prediction counts for each of them
    segment  ///< each segment by itself
};

struct NeighbourOptions {
    int k = 5;
    NeighbourUnit unit = NeighbourUnit::track;
    int jobs = 0;  ///< threads; 0: all cores
    const base::StopFlag* stop = nullptr;
};

/// k nearest neighbours: an item is the Gaussian of its frames (gaussian_of), and the k items of the training part with
/// the least divergence from it vote. The probability of a genre is its share of the votes. Of genres with equally
/// many, the one with the nearest neighbour gets the prediction: a ten-thousandth of the probability is set aside for it.
///
/// The judge refers to `data`.
/// @throws Error bad_option when k is below 1 or above the number of training items; bad_data when the training part is
///         empty; the judge itself: interrupted (by `stop`)
evaluation::Predictor nearest_neighbours(const dataset::FeatureStore& data, const dataset::Split& split,
                                         const NeighbourOptions& options);

}  // namespace earmark::baselines
