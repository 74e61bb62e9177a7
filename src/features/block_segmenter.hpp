#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "earmark/segments.hpp"
#include "features/segment_computer.hpp"

namespace earmark::features {

/// Segments that are parts of blocks (`segments_per_block` of 1 and more). The rows of a block are kept until it is
/// complete, since only then its maximum is known.
class BlockSegmenter {
  public:
    /// @param features  valid ones, as are `segments`
    BlockSegmenter(const FeatureOptions& features, const SegmentOptions& segments);

    /// See Segmenter.
    void push(std::span<const float> samples, const Sink<const Segment&>& sink);
    std::int64_t finish(const Sink<const Segment&>& sink);

  private:
    void begin_block(std::int64_t start);
    void update_silence(std::span<const float> samples);
    float* next_rows(std::size_t count);
    void emit(std::int64_t whole, const Sink<const Segment&>& sink);

    FeatureOptions features_;
    SegmentOptions segments_;
    std::int64_t block_size_;
    SegmentComputer computer_;
    std::int64_t count_ = 0;  // segments of this signal so far

    // Of the block so far.
    std::int64_t block_start_ = 0;
    std::int64_t held_ = 0;     // samples
    std::size_t frames_ = 0;    // frames that passed the first stage
    std::vector<float> rows_;   // what became of them; kept longer than it is needed, so that it need not grow again
    std::vector<bool> silent_;  // segment by segment
};

}  // namespace earmark::features
