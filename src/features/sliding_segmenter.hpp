#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "earmark/segments.hpp"
#include "features/segment_computer.hpp"

namespace earmark::features {

/// Segments of a signal that is one block (`segments_per_block` of 0), which may overlap or leave gaps. Rows are kept
/// from the first frame of the segment that comes next on.
class SlidingSegmenter {
  public:
    /// @param features  valid ones, as are `segments`
    SlidingSegmenter(const FeatureOptions& features, const SegmentOptions& segments);

    /// See Segmenter.
    void push(std::span<const float> samples, const Sink<const Segment&>& sink);
    std::int64_t finish(const Sink<const Segment&>& sink);

  private:
    void begin();
    void find_sound(std::span<const float> samples);
    bool is_silent_between(std::int64_t start, std::int64_t end) const;
    float* next_rows(std::size_t count);
    void forget_rows();
    void emit_complete(bool ended, const Sink<const Segment&>& sink);
    void emit(const Sink<const Segment&>& sink);

    FeatureOptions features_;
    SegmentOptions segments_;
    std::int64_t segment_size_;
    std::int64_t distance_;  // samples from one frame to the next
    SegmentComputer computer_;

    std::int64_t held_ = 0;    // samples of the signal so far
    std::int64_t next_ = 0;    // number of the segment that comes next
    std::int64_t frames_ = 0;  // frames that passed the first stage
    std::int64_t first_ = 0;   // frame of the first of rows_
    std::vector<float> rows_;
    // For each stretch of `distance_` samples the first that is no silence, counted from its start; `distance_` if none
    // is. The first stretch is number first_cell_.
    std::vector<std::int32_t> sound_;
    std::int64_t first_cell_ = 0;
};

}  // namespace earmark::features
