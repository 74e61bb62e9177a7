#pragma once

#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "dataset/feature_store.hpp"

namespace earmark::testing {

/// A store in memory with random values: `tracks` tracks of `segments` segments for each of `labels`, named like
/// GTZAN's ("blues.00003").
inline dataset::FeatureStore small_store(std::vector<std::string> labels, int tracks, int segments,
                                         std::uint64_t seed = 1) {
    dataset::FeatureStore store;
    store.segments.seconds = 6.0;
    store.segments.segments_per_block = 5;
    store.segments.frames = 77;
    store.segments.frame_step = 1293.0 / 387.5;
    store.labels = std::move(labels);
    std::mt19937_64 random(seed);
    for (std::size_t label = 0; label < store.labels.size(); ++label) {
        for (int i = 0; i < tracks; ++i) {
            store.tracks.push_back({fmt::format("{}.{:05}", store.labels[label], i), static_cast<int>(label),
                                    store.segment_count(), segments});
            for (int k = 0; k < segments; ++k) store.times.push_back({6.0 * k, 6.0 * (k + 1)});
        }
    }
    store.values.resize(static_cast<std::size_t>(store.segment_count()) * store.segment_size());
    for (float& value : store.values) value = static_cast<float>(random() % 2001) / 10.0F - 100.0F;
    return store;
}

}  // namespace earmark::testing
