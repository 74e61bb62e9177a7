#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "dataset/feature_store.hpp"

namespace earmark::training {

/// Refuses segments from which labels cannot be learned: each must hold of one at least. @throws Error bad_data
void check_labels(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows);

/// The weight of each label where it holds, so that all of these segments count as much as those that lack it: (without
/// it) / (with it), 0.01 to 100.
torch::Tensor balanced_weights(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows);

}  // namespace earmark::training
