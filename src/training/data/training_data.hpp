#pragma once

#include <torch/torch.h>

#include <vector>

#include "dataset/feature_store.hpp"
#include "earmark/model.hpp"

namespace earmark::training {

constexpr std::int64_t no_genre = -1;  ///< the label of noise

/// Of each coefficient over all frames of some segments.
struct Statistics {
    Tensor mean;
    Tensor scale;  ///< 1 / deviation
};

Statistics statistics_of(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows);

/// What leaves inputs as they are: means of 0 and scales of 1.
Statistics no_standardisation(const dataset::FeatureStore& store);

/// Standardised inputs and labels of a part that is judged.
struct Examples {
    torch::Tensor inputs;  ///< rows × frames × coefficients
    torch::Tensor labels;  ///< rows, int64
    torch::Tensor holds;   ///< rows × labels, 0 or 1, where a track may have several; else undefined
    std::int64_t count() const { return labels.defined() ? labels.size(0) : 0; }
};

Examples examples_of(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows,
                     const Statistics& standardisation, torch::Device device);

}  // namespace earmark::training
