#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stop.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"
#include "evaluation/evaluation.hpp"

namespace earmark::baselines {

/// What the support vector machine knows of a segment of frames × width values: the mean and the standard deviation of
/// each value over the frames, then the mean and the standard deviation of its differences from one frame to the next
/// (0 when there is one frame). 4 × width values.
std::vector<double> segment_statistics(std::span<const float> segment, std::size_t width);

struct SupportVectorOptions {
    std::optional<double> cost;   ///< C; none: chosen
    std::optional<double> gamma;  ///< of the kernel exp(-gamma·|x - y|²); none: chosen
    std::uint64_t seed = 0;       ///< of the folds, where there is no validation part
    int jobs = 0;                 ///< threads; 0: all cores
    const base::StopFlag* stop = nullptr;
};

/// Support vector machines (libsvm's C-SVC with an RBF kernel, one for each pair of genres) on segment statistics,
/// which are standardised with mean and deviation over the training part.
///
/// Cost and gamma that are not given are those of a grid (1, 4, 16, 64 by 2^-9, 2^-7, 2^-5, 2^-3) that get most
/// segments of the validation part right when learned from the training part, the smaller ones of equally good; where
/// there is no validation part, most segments of the training part in three folds of whole tracks, drawn by the seed.
///
/// The prediction is libsvm's: the genre that wins most pairs. Its own probabilities can contradict its prediction, and their
/// inner folds are drawn by rand(). So each genre is scored with the pairs it wins, and with less than a third of one
/// by the sum of its margins m: s = wins + m / (3·(1 + |m|)); probabilities are softmax(b·s), with the b that gives the
/// least cross-entropy on the segments by which cost and gamma are chosen.
///
/// @throws Error bad_option when cost or gamma is not positive; bad_data when the training part is empty, holds one
///         genre only, or has too few tracks for folds that are needed; interrupted (by `stop`)
evaluation::Predictor support_vectors(const dataset::FeatureStore& data, const dataset::Split& split,
                                      const SupportVectorOptions& options);

}  // namespace earmark::baselines
