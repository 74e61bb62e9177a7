#include "features/segment_computer.hpp"

#include <algorithm>

#include "features/segment_options.hpp"

namespace earmark::features {

SegmentComputer::SegmentComputer(const FeatureOptions& features, const SegmentOptions& segments)
    : frames_(segments.frames), segment_size_(samples_of(features, segments, 1)) {
    const auto columns = static_cast<std::size_t>(segments.frames);
    if (features.kind != FeatureKind::waveform) {
        computer_.emplace(features);
        framer_.emplace(features);
        width_ = static_cast<std::size_t>(computer_->first_stage_width());
        if (computer_->has_second_stage()) {
            values_.resize(columns * static_cast<std::size_t>(coefficient_count(features)));
        }
    }
    columns_.resize(columns * width_);
}

void SegmentComputer::begin() {
    if (!computer_) return;
    computer_->reset_maximum();
    framer_->reset();
}

void SegmentComputer::keep(std::span<const float> samples) {
    const std::size_t missing =
        static_cast<std::size_t>(segment_size_) - std::min(static_cast<std::size_t>(segment_size_), start_.size());
    const std::span<const float> kept = samples.first(std::min(missing, samples.size()));
    start_.insert(start_.end(), kept.begin(), kept.end());
}

}  // namespace earmark::features
