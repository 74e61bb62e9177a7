#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"

namespace earmark::dataset {

/// Some tracks of a store, by index; no set: all.
using Among = const std::unordered_set<std::int64_t>*;

/// The track that each one follows, by index: itself or, of copies that are to stay together, the first of them by name.
std::vector<std::int64_t> leaders_of(const FeatureStore& store, bool whole_recordings, Among among);

/// Tracks that stay together, in the order in which they are dealt: the larger before the smaller, by chance among
/// those of equal size. Artists of whom one has a copy of the other's track count as one. Without a file of artists each
/// recording is for itself.
std::vector<std::vector<const StoredTrack*>> grouped(const FeatureStore& store, const SplitOptions& options,
                                                     Among among);

/// Whether tracks are dealt in groups: of artists, or for their labels.
bool in_groups(const FeatureStore& store, const SplitOptions& options);

/// Deals groups to places, of which each is to hold its share of every label (`shares` sum to 1).
/// @return the place of each group
std::vector<std::size_t> places_of(const FeatureStore& store,
                                   const std::vector<std::vector<const StoredTrack*>>& groups,
                                   const std::vector<double>& shares, std::uint64_t seed);

}  // namespace earmark::dataset
