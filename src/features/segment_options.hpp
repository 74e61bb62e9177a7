#pragma once

#include <cstdint>

#include "earmark/segments.hpp"

namespace earmark {

/// Samples that `count` segments of a block take.
std::int64_t samples_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t count);

/// How many segments a block of `samples` samples holds whole, or a signal of that many without blocks.
std::int64_t segments_in(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t samples);

/// Samples from one frame to the next; of a waveform, from one sample.
std::int64_t frame_distance(const FeatureOptions& features) noexcept;

/// Without blocks: the sample of the signal at which segment number `segment` begins.
std::int64_t start_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t segment);

/// Seconds from the start of one segment to that of the next.
double segment_distance(const FeatureOptions& features, const SegmentOptions& segments);

/// Whether a segment goes on where the one before it ends, column by column, and is computed from the same block.
/// @param place  which segment of its signal it is
bool continues_segment(const SegmentOptions& segments, std::int64_t place) noexcept;

}  // namespace earmark
