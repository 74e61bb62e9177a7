#pragma once

#include <cstdint>
#include <vector>

#include "earmark/features.hpp"
#include "earmark/segments.hpp"

namespace earmark::training {

/// Features of sounds that are no music, on which a network is to learn doubt (outlier exposure, Hendrycks et al.
/// 2019): white, pink and brown noise, noise in a band, tones, hum and clicks, at levels from full scale to near
/// silence. They go the way that music goes, from samples through the Segmenter.
/// @return at least `segments` segments, rounded up to whole blocks: segments × frames × coefficients
std::vector<float> make_noise_bank(const FeatureOptions& features, const SegmentOptions& options, std::int64_t segments,
                                   std::uint64_t seed);

}  // namespace earmark::training
