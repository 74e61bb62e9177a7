#pragma once

#include <cstdint>

#include "earmark/segments.hpp"

namespace earmark {

/// Samples that `count` segments take.
std::int64_t samples_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t count);

/// How many segments a block of `samples` samples holds whole.
std::int64_t segments_in(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t samples);

}  // namespace earmark
