#include "classify/excerpts.hpp"

#include <algorithm>
#include <cmath>

namespace earmark::classify {

namespace {

constexpr double longest_seconds = 1e9;

}  // namespace

Excerpts::Excerpts(const Model& model) : model_(model), extractor_(model.features) {
    const bool framed = model.features.kind != FeatureKind::waveform;
    hop_ = framed ? model.features.hop_length : 1;
    reach_ = framed ? model.features.fft_size / 2 : 0;
}

std::vector<std::int64_t> Excerpts::choose(double seconds, std::int64_t count) const {
    const double segments = std::floor(seconds / model_.segments.seconds);
    std::vector<std::int64_t> chosen;
    if (!(seconds < longest_seconds) || segments <= static_cast<double>(count)) return chosen;
    for (std::int64_t i = 0; i < count; ++i) {
        chosen.push_back((2 * i + 1) * static_cast<std::int64_t>(segments) / (2 * count));
    }
    return chosen;
}

void Excerpts::begin() noexcept {
    samples_.clear();
    first_ = 0;
}

bool Excerpts::read(AudioReader& reader, std::int64_t index, Segment& segment) {
    const SegmentOptions& segments = model_.segments;
    const double segment_samples = segments.seconds * model_.features.sample_rate;
    const std::int64_t block_size = std::llround(segments.segments_per_block * segment_samples);
    const std::int64_t block = index / segments.segments_per_block;
    const std::int64_t place = index % segments.segments_per_block;
    const std::int64_t last_frame = frame_index(segments, place, segments.frames - 1);
    // From the start of the block: it begins with a frame, as the block does, and beyond the block's ends is padding.
    const std::int64_t first_frame =
        std::max<std::int64_t>(0, frame_index(segments, place, 0) - (reach_ + hop_ - 1) / hop_);
    const std::int64_t end = std::min(block_size, last_frame * hop_ + reach_ + 1);
    if (!read_samples(reader, block * block_size + first_frame * hop_, block * block_size + end)) return false;

    extractor_.compute(samples_, matrix_);
    values_.clear();
    for (int column = 0; column < segments.frames; ++column) {
        const std::span<const float> frame = matrix_.frame(frame_index(segments, place, column) - first_frame);
        values_.insert(values_.end(), frame.begin(), frame.end());
    }
    segment.index = index;
    segment.start_seconds = static_cast<double>(index) * segments.seconds;
    segment.end_seconds = static_cast<double>(index + 1) * segments.seconds;
    segment.silent = is_silent(samples_);
    segment.values = values_;
    return true;
}

/// Makes samples_ those from `first` to before `end` of the track.
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
