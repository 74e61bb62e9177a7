#pragma once

#include <filesystem>
#include <vector>

#include "dataset/make_store.hpp"
#include "earmark/model.hpp"

namespace earmark::dataset {

/// Writes a store of what models make of tracks, from which a small network learns labels that they do not know: one
/// segment of one frame a track (FeatureOptions::kind table). Its values are, of each model in turn, over the segments that
/// are not silent, the mean of the log-odds of each label, their deviation, the mean of each value of the embedding
/// (Prediction::embedding, of a segment), and their deviation.
/// @param models   at least one
/// @param options  features and segments are not looked at
/// @throws Error as create_store
StoreSummary create_embedding_store(const std::filesystem::path& folder, const std::filesystem::path& output,
                                    const std::vector<Model>& models, const FolderOptions& options);

}  // namespace earmark::dataset
