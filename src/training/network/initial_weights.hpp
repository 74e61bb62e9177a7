#pragma once

#include <filesystem>

#include "dataset/feature_store.hpp"
#include "earmark/model.hpp"

namespace earmark::training {

/// Reads the model whose weights a training is to start from.
/// @throws Error bad_option when it is an ensemble or was made for other features than the store's; as load_model
Model load_initial_weights(const std::filesystem::path& path, const dataset::FeatureStore& store);

}  // namespace earmark::training
