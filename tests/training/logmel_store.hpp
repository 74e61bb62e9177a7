#pragma once

#include <random>
#include <string>

#include "dataset/feature_store.hpp"

namespace earmark::testing {

/// A store of small log-mel pictures, 40 × 24, four to a block, of three genres: noise with stripes across bands, with
/// stripes across frames, and without. They are easy to learn, also for networks that do not know one band from
/// another.
inline dataset::FeatureStore logmel_store(int tracks_a_genre = 8, int segments_a_track = 4) {
    dataset::FeatureStore store;
    store.features.kind = FeatureKind::logmel;
    store.features.mel_bands = 24;
    store.segments = {1.0, 4, 40, 1.0};
    store.labels = {"bands", "frames", "plain"};
    std::mt19937_64 random(4);
    for (int track = 0; track < 3 * tracks_a_genre; ++track) {
        const int label = track % 3;
        store.tracks.push_back({"track" + std::to_string(track), label, store.segment_count(), segments_a_track});
        for (int segment = 0; segment < segments_a_track; ++segment) {
            store.times.push_back({1.0 * segment, segment + 1.0});
            for (int i = 0; i < 40 * 24; ++i) {
                const auto noise = static_cast<float>(random() >> 11) * 0x1.0p-53F;
                const int across = label == 0 ? i % 24 : i / 24;
                const bool striped = label != 2 && across / 2 % 2 == 0;
                store.values.push_back(-60.0F + 10.0F * noise + (striped ? 15.0F : 0.0F));
            }
        }
    }
    return store;
}

}  // namespace earmark::testing
