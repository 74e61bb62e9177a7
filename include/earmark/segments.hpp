#pragma once

/// @file
/// Segments: the stretches of a few seconds that the networks judge one by one.

#include <cstdint>
#include <memory>
#include <span>

#include "earmark/export.h"
#include "earmark/features.hpp"
#include "earmark/sink.hpp"

namespace earmark {

/// How a signal is cut into segments. A model file carries these, so that what is analyzed is cut as what was learned.
///
/// The signal is taken in **blocks** of `segments_per_block` segments. A block is one signal to the features: its ends
/// are padded and its maximum sets the floor of `top_db`. One segment a block is the paper's way; five of 6 s are the
/// 30 s excerpts of GTZAN. A segment then takes every `frame_step`-th frame of its block: column j of segment k is the
/// block's frame floor((k · frames + j + 0.5) · frame_step).
///
/// With `segments_per_block` 0 the whole signal is one block, and segments may overlap or leave gaps: column j of
/// segment k is the signal's frame floor((k · hop + j + 0.5) · frame_step), hop being `hop_frames`, or `frames` where
/// that is 0. The segment begins at its first frame's sample, frame · hop_length, and lasts `seconds`. Nothing may depend
/// on the maximum of the signal then (needs_maximum_power), since it is known only at its end.
///
/// A segment is kept when its block holds all of its frames, so the tail of a signal is left out unless it is a
/// segment long (less at most one hop, or up to `frame_step` hops). A signal too short for a single segment is repeated
/// from its start until it fills one. A signal shorter than one frame (`frame_length`) yields none.
struct SegmentOptions {
    double seconds = 6.0;  ///< length of a segment
    int segments_per_block =
        1;                    ///< segments that share padding and the floor of `top_db`; 0: those of the whole signal
    int frames = 259;         ///< columns of a segment
    double frame_step = 1.0;  ///< frames from one column to the next, at least 1
    int hop_frames = 0;       ///< columns from one segment to the next, 0: `frames`; other than 0 only without blocks

    bool operator==(const SegmentOptions&) const = default;
};

/// The frame of its block, or of the signal, that segment number `segment` of it takes as its column `column`.
EARMARK_API std::int64_t frame_index(const SegmentOptions& segments, std::int64_t segment, std::int64_t column);

/// Whether no sample reaches 2^-15, the smallest step of 16-bit audio.
EARMARK_API bool is_silent(std::span<const float> samples);

/// Checks the ranges, and that the columns fit the length. @throws Error bad_option
EARMARK_API void validate(const SegmentOptions& segments, const FeatureOptions& features);

/// One segment of a signal.
struct Segment {
    std::int64_t index = 0;         ///< 0, 1, 2 …
    double start_seconds = 0.0;     ///< from the start of the signal
    double end_seconds = 0.0;       ///< no later than the end of the signal
    bool silent = false;            ///< see is_silent
    std::span<const float> values;  ///< frames × coefficients, row by row; valid during the call
};

/// Cuts a signal that arrives in pieces into segments and computes their features, in memory that does not grow with
/// the signal. Not thread-safe.
class EARMARK_API Segmenter {
  public:
    /// @throws Error bad_option
    Segmenter(const FeatureOptions& features, const SegmentOptions& segments);
    ~Segmenter();
    Segmenter(Segmenter&&) noexcept;
    Segmenter& operator=(Segmenter&&) noexcept;

    /// Takes the next samples, at `FeatureOptions::sample_rate`, and hands complete segments to `sink`.
    void push(std::span<const float> samples, const Sink<const Segment&>& sink);
    /// Ends the signal and makes ready for the next.
    /// @return the number of segments of the signal; 0 when it was shorter than one frame
    std::int64_t finish(const Sink<const Segment&>& sink);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark
