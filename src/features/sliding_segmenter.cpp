#include "features/sliding_segmenter.hpp"

#include <algorithm>

#include "features/segment_options.hpp"
#include "features/silence.hpp"

namespace earmark::features {

namespace {

// Samples taken at a time, so that rows which no segment wants do not pile up.
constexpr std::int64_t most_samples = 1 << 14;
constexpr std::int64_t most_frames = 64;

}  // namespace

SlidingSegmenter::SlidingSegmenter(const FeatureOptions& features, const SegmentOptions& segments)
    : features_(features),
      segments_(segments),
      segment_size_(samples_of(features, segments, 1)),
      distance_(frame_distance(features)),
      computer_(features, segments) {}

void SlidingSegmenter::push(std::span<const float> samples, const Sink<const Segment&>& sink) {
    const auto most = static_cast<std::size_t>(
        features_.kind == FeatureKind::waveform ? most_samples : std::min(most_samples, most_frames * distance_));
    while (!samples.empty()) {
        const std::span<const float> taken = samples.first(std::min(most, samples.size()));
        samples = samples.subspan(taken.size());
        if (next_ == 0) computer_.keep(taken);
        find_sound(taken);
        held_ += static_cast<std::int64_t>(taken.size());
        computer_.push(taken, [this](std::size_t count) { return next_rows(count); });
        emit_complete(false, sink);
        forget_rows();
    }
}

std::int64_t SlidingSegmenter::finish(const Sink<const Segment&>& sink) {
    const auto rows = [this](std::size_t count) { return next_rows(count); };
    if (held_ >= frame_length(features_)) {
        computer_.end(rows);
        emit_complete(true, sink);
        if (next_ == 0) {
            frames_ = 0;
            first_ = 0;
            computer_.repeat(held_, rows);
            computer_.end(rows);
            emit(sink);
        }
    }
    const std::int64_t count = next_;
    begin();
    return count;
}

void SlidingSegmenter::begin() {
    held_ = 0;
    next_ = 0;
    frames_ = 0;
    first_ = 0;
    sound_.clear();
    first_cell_ = 0;
    computer_.forget();
    computer_.begin();
}

void SlidingSegmenter::find_sound(std::span<const float> samples) {
    std::int64_t at = held_;
    while (!samples.empty()) {
        const std::int64_t cell = at / distance_;
        const std::int64_t offset = at % distance_;
        const auto count = static_cast<std::size_t>(std::min(distance_ - offset, std::ssize(samples)));
        if (cell == first_cell_ + std::ssize(sound_)) sound_.push_back(static_cast<std::int32_t>(distance_));
        std::int32_t& found = sound_.back();
        if (found == distance_) {
            const auto part = samples.first(count);
            const auto first = std::find_if(part.begin(), part.end(), [](float sample) { return is_sound(sample); });
            if (first != part.end()) found = static_cast<std::int32_t>(offset + (first - part.begin()));
        }
        samples = samples.subspan(count);
        at += static_cast<std::int64_t>(count);
    }
}

// Whether the samples from `start`, where a stretch begins, to before `end` are silence.
bool SlidingSegmenter::is_silent_between(std::int64_t start, std::int64_t end) const {
    for (std::int64_t cell = start / distance_; cell * distance_ < end; ++cell) {
        const std::int32_t found = sound_[static_cast<std::size_t>(cell - first_cell_)];
        if (found < distance_ && cell * distance_ + found < end) return false;
    }
    return true;
}

// Where the next `count` rows of the first stage go.
float* SlidingSegmenter::next_rows(std::size_t count) {
    const std::size_t offset = static_cast<std::size_t>(frames_ - first_) * computer_.width();
    frames_ += static_cast<std::int64_t>(count);
    const std::size_t size = static_cast<std::size_t>(frames_ - first_) * computer_.width();
    if (rows_.size() < size) rows_.resize(size);
    return rows_.data() + offset;
}

// Drops what lies before the next segment, once that is as much as is kept: so a row is seldom moved twice.
void SlidingSegmenter::forget_rows() {
    const std::int64_t wanted = std::min(frame_index(segments_, next_, 0), frames_);
    if (wanted - first_ >= frames_ - wanted) {
        const auto width = static_cast<std::int64_t>(computer_.width());
        std::copy(rows_.begin() + (wanted - first_) * width, rows_.begin() + (frames_ - first_) * width, rows_.begin());
        first_ = wanted;
    }
    // The latest stretch may not be complete.
    const std::int64_t latest = first_cell_ + std::ssize(sound_) - 1;
    const std::int64_t cell = std::min(start_of(features_, segments_, next_) / distance_, latest);
    if (cell - first_cell_ >= latest + 1 - cell) {
        sound_.erase(sound_.begin(), sound_.begin() + (cell - first_cell_));
        first_cell_ = cell;
    }
}

// Hands out the segments of which all frames and all samples are there, or at the end of the signal all frames.
void SlidingSegmenter::emit_complete(bool ended, const Sink<const Segment&>& sink) {
    while (frame_index(segments_, next_, segments_.frames - 1) < frames_ &&
           (ended || start_of(features_, segments_, next_) + segment_size_ <= held_)) {
        emit(sink);
    }
}

void SlidingSegmenter::emit(const Sink<const Segment&>& sink) {
    const std::int64_t start = start_of(features_, segments_, next_);
    const std::int64_t end = std::min(start + segment_size_, held_);
    Segment segment;
    segment.index = next_;
    segment.start_seconds = static_cast<double>(start) / features_.sample_rate;
    segment.end_seconds = static_cast<double>(end) / features_.sample_rate;
    segment.silent = is_silent_between(start, end);
    segment.values = computer_.values(computer_.floor(), [&](int column) {
        return rows_.data() +
               static_cast<std::size_t>(frame_index(segments_, next_, column) - first_) * computer_.width();
    });
    ++next_;
    sink(segment);
}

}  // namespace earmark::features
