#include "classify/excerpts.hpp"

#include <algorithm>
#include <cmath>

#include "features/framer.hpp"
#include "features/segment_options.hpp"

namespace earmark::classify {

namespace {

constexpr double longest_seconds = 1e9;

}  // namespace

/// Where the samples of a segment lie in the track, and its frames among those that they yield.
struct Excerpts::Place {
    std::int64_t first;        ///< sample: a frame's first one, so that the same frames come of it
    std::int64_t end;          ///< sample after the last
    std::int64_t within;       ///< number of the segment in its block, or in the signal
    std::int64_t first_frame;  ///< of the block or signal, that the first sample yields
    std::int64_t start;        ///< first sample of the segment, and the last but one
    std::int64_t stop;
};

Excerpts::Excerpts(const Model& model) : model_(model), extractor_(model.features) {
    const bool framed = model.features.kind != FeatureKind::waveform;
    hop_ = frame_distance(model.features);
    reach_ = framed ? features::frame_lead(model.features) : 0;
    trail_ = framed ? frame_length(model.features) - reach_ : 0;
}

std::vector<std::int64_t> Excerpts::choose(double seconds, std::int64_t count) const {
    std::vector<std::int64_t> chosen;
    if (!(seconds < longest_seconds)) return chosen;
    std::int64_t segments = static_cast<std::int64_t>(std::floor(seconds / model_.segments.seconds));
    if (model_.segments.segments_per_block == 0) {
        segments = segments_in(model_.features, model_.segments, std::llround(seconds * model_.features.sample_rate));
    }
    if (segments <= count) return chosen;
    for (std::int64_t i = 0; i < count; ++i) chosen.push_back((2 * i + 1) * segments / (2 * count));
    return chosen;
}

void Excerpts::begin() noexcept {
    samples_.clear();
    first_ = 0;
}

Excerpts::Place Excerpts::place_in_block(std::int64_t index) const {
    const SegmentOptions& segments = model_.segments;
    const double segment_samples = segments.seconds * model_.features.sample_rate;
    const std::int64_t block_size = std::llround(segments.segments_per_block * segment_samples);
    const std::int64_t block = index / segments.segments_per_block * block_size;
    const std::int64_t place = index % segments.segments_per_block;
    const std::int64_t last_frame = frame_index(segments, place, segments.frames - 1);
    // From the start of the block: it begins with a frame, as the block does, and beyond the block's ends is padding.
    const std::int64_t first_frame =
        std::max<std::int64_t>(0, frame_index(segments, place, 0) - (reach_ + hop_ - 1) / hop_);
    const std::int64_t end = std::min(block_size, last_frame * hop_ + trail_ + 1);
    return {block + first_frame * hop_, block + end, place, first_frame, block + first_frame * hop_, block + end};
}

Excerpts::Place Excerpts::place_in_signal(std::int64_t index) const {
    const SegmentOptions& segments = model_.segments;
    const std::int64_t start = start_of(model_.features, segments, index);
    const std::int64_t stop = start + samples_of(model_.features, segments, 1);
    const std::int64_t last_frame = frame_index(segments, index, segments.frames - 1);
    const std::int64_t first_frame = std::max<std::int64_t>(0, start / hop_ - (reach_ + hop_ - 1) / hop_);
    return {first_frame * hop_, std::max(stop, last_frame * hop_ + trail_ + 1), index, first_frame, start, stop};
}

bool Excerpts::read(AudioReader& reader, std::int64_t index, Segment& segment) {
    const SegmentOptions& segments = model_.segments;
    const bool blocks = segments.segments_per_block > 0;
    const Place place = blocks ? place_in_block(index) : place_in_signal(index);
    const bool complete = read_samples(reader, place.first, place.end);
    // A block ends where it is said to; a signal may end within the reach of the segment's last frames.
    if (!complete && blocks) return false;
    const std::int64_t last_frame = frame_index(segments, place.within, segments.frames - 1) - place.first_frame;
    if (std::ssize(samples_) <= reach_ || frame_count(model_.features, std::ssize(samples_)) <= last_frame) {
        return false;
    }

    extractor_.compute(samples_, matrix_);
    values_.clear();
    for (int column = 0; column < segments.frames; ++column) {
        const std::span<const float> frame =
            matrix_.frame(frame_index(segments, place.within, column) - place.first_frame);
        values_.insert(values_.end(), frame.begin(), frame.end());
    }
    const std::int64_t stop = std::min(place.stop, place.first + std::ssize(samples_));
    segment.index = index;
    if (blocks) {
        segment.start_seconds = static_cast<double>(index) * segments.seconds;
        segment.end_seconds = static_cast<double>(index + 1) * segments.seconds;
    } else {
        segment.start_seconds = static_cast<double>(place.start) / model_.features.sample_rate;
        segment.end_seconds = static_cast<double>(stop) / model_.features.sample_rate;
    }
    segment.silent =
        is_silent({samples_.begin() + (place.start - place.first), samples_.begin() + (stop - place.first)});
    segment.values = values_;
    return true;
}

/// Makes samples_ those from `first` to before `end` of the track. @return whether there are as many
bool Excerpts::read_samples(AudioReader& reader, std::int64_t first, std::int64_t end) {
    const std::int64_t kept = std::clamp<std::int64_t>(first_ + std::ssize(samples_) - first, 0, std::ssize(samples_));
    samples_.erase(samples_.begin(), samples_.end() - kept);
    first_ = first;
    if (kept == 0 && !reader.skip_to(first)) return false;
    while (std::ssize(samples_) < end - first) {
        const auto samples = reader.read(static_cast<std::size_t>(end - first - std::ssize(samples_)));
        if (samples.empty()) return false;
        samples_.insert(samples_.end(), samples.begin(), samples.end());
    }
    return true;
}

}  // namespace earmark::classify
