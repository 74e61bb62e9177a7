#include "features/block_segmenter.hpp"

#include <algorithm>

#include "features/segment_options.hpp"

namespace earmark::features {

BlockSegmenter::BlockSegmenter(const FeatureOptions& features, const SegmentOptions& segments)
    : features_(features),
      segments_(segments),
      block_size_(samples_of(features, segments, segments.segments_per_block)),
      computer_(features, segments),
      silent_(static_cast<std::size_t>(segments.segments_per_block), true) {}

void BlockSegmenter::push(std::span<const float> samples, const Sink<const Segment&>& sink) {
    while (!samples.empty()) {
        const auto room = static_cast<std::size_t>(block_size_ - held_);
        const std::span<const float> taken = samples.first(std::min(room, samples.size()));
        samples = samples.subspan(taken.size());
        if (block_start_ == 0) computer_.keep(taken);
        update_silence(taken);
        held_ += static_cast<std::int64_t>(taken.size());
        computer_.push(taken, [this](std::size_t count) { return next_rows(count); });
        if (held_ == block_size_) {
            emit(segments_.segments_per_block, sink);
            begin_block(block_start_ + block_size_);
        }
    }
}

std::int64_t BlockSegmenter::finish(const Sink<const Segment&>& sink) {
    const std::int64_t whole = segments_in(features_, segments_, held_);
    if (whole > 0) {
        emit(whole, sink);
    } else if (count_ == 0 && held_ >= frame_length(features_)) {
        frames_ = 0;
        computer_.repeat(held_, [this](std::size_t count) { return next_rows(count); });
        emit(1, sink);
    }
    const std::int64_t count = count_;
    count_ = 0;
    computer_.forget();
    begin_block(0);
    return count;
}

void BlockSegmenter::begin_block(std::int64_t start) {
    block_start_ = start;
    held_ = 0;
    std::fill(silent_.begin(), silent_.end(), true);
    frames_ = 0;
    computer_.begin();
}

void BlockSegmenter::update_silence(std::span<const float> samples) {
    const std::int64_t end = held_ + static_cast<std::int64_t>(samples.size());
    // The segment that the first sample falls into, or by rounding the one before.
    const double size = segments_.seconds * features_.sample_rate;
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(static_cast<double>(held_) / size) - 1);
    for (std::int64_t k = first; k < segments_.segments_per_block && samples_of(features_, segments_, k) < end; ++k) {
        const std::int64_t from = std::max(held_, samples_of(features_, segments_, k));
        const std::int64_t to = std::min(end, samples_of(features_, segments_, k + 1));
        const auto segment = static_cast<std::size_t>(k);
        if (from >= to || !silent_[segment]) continue;
        silent_[segment] = is_silent({samples.begin() + (from - held_), samples.begin() + (to - held_)});
    }
}

// Where the next `count` rows of the first stage go.
float* BlockSegmenter::next_rows(std::size_t count) {
    const std::size_t offset = frames_ * computer_.width();
    frames_ += count;
    if (rows_.size() < frames_ * computer_.width()) rows_.resize(frames_ * computer_.width());
    return rows_.data() + offset;
}

// Hands out the first `whole` segments of the block.
void BlockSegmenter::emit(std::int64_t whole, const Sink<const Segment&>& sink) {
    computer_.end([this](std::size_t count) { return next_rows(count); });
    const float floor = computer_.floor();
    const double rate = features_.sample_rate;
    for (std::int64_t k = 0; k < whole; ++k) {
        const std::int64_t start = std::min(samples_of(features_, segments_, k), held_);
        const std::int64_t end = std::min(samples_of(features_, segments_, k + 1), held_);
        Segment segment;
        segment.index = count_++;
        segment.start_seconds = static_cast<double>(block_start_ + start) / rate;
        segment.end_seconds = static_cast<double>(block_start_ + end) / rate;
        segment.silent = silent_[static_cast<std::size_t>(k)];
        segment.values = computer_.values(floor, [&](int column) {
            return rows_.data() + static_cast<std::size_t>(frame_index(segments_, k, column)) * computer_.width();
        });
        sink(segment);
    }
}

}  // namespace earmark::features
