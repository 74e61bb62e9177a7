#pragma once

#include <random>
#include <string>

#include "dataset/feature_store.hpp"

namespace earmark::testing {

/// A store of small log-mel pictures, 40 × 24, four to a block, of three genres that are loud in bands of their own:
/// easy to learn.
inline FeatureStore logmel_store(int tracks_a_genre = 8, int segments_a_track = 4) {
    FeatureStore store;
    store.features.kind = FeatureKind::logmel;
    store.features.mel_bands = 24;
    store.segments = {1.0, 4, 40, 1.0};
    store.labels = {"high", "low", "middle"};
    std::mt19937_64 random(4);
    const int loud[] = {19, 4, 11};
    for (int track = 0; track < 3 * tracks_a_genre; ++track) {
        const int label = track % 3;
        store.tracks.push_back({"track" + std::to_string(track), label, store.segment_count(), segments_a_track});
        for (int segment = 0; segment < segments_a_track; ++segment) {
            store.times.push_back({1.0 * segment, segment + 1.0});
            for (int i = 0; i < 40 * 24; ++i) {
                const auto noise = static_cast<float>(random() >> 11) * 0x1.0p-53F;
                store.values.push_back(-60.0F + 20.0F * noise + (std::abs(i % 24 - loud[label]) < 2 ? 15.0F : 0.0F));
            }
        }
    }
    return store;
}

}  // namespace earmark::testing
