#include <algorithm>
#include <cmath>
#include <variant>

#include "earmark/segments.hpp"
#include "features/block_segmenter.hpp"
#include "features/silence.hpp"
#include "features/sliding_segmenter.hpp"

namespace earmark {

bool is_silent(std::span<const float> samples) {
    return std::none_of(samples.begin(), samples.end(), [](float sample) { return features::is_sound(sample); });
}

class Segmenter::Impl {
  public:
    Impl(const FeatureOptions& features, const SegmentOptions& segments) : way_(choose(features, segments)) {}

    void push(std::span<const float> samples, const Sink<const Segment&>& sink) {
        std::visit([&](auto& way) { way.push(samples, sink); }, way_);
    }
    std::int64_t finish(const Sink<const Segment&>& sink) {
        return std::visit([&](auto& way) { return way.finish(sink); }, way_);
    }

  private:
    using Way = std::variant<features::BlockSegmenter, features::SlidingSegmenter>;

    static Way choose(const FeatureOptions& features, const SegmentOptions& segments) {
        validate(segments, features);
        if (segments.segments_per_block == 0) {
            return Way(std::in_place_type<features::SlidingSegmenter>, features, segments);
        }
        return Way(std::in_place_type<features::BlockSegmenter>, features, segments);
    }

    Way way_;
};

Segmenter::Segmenter(const FeatureOptions& features, const SegmentOptions& segments)
    : impl_(std::make_unique<Impl>(features, segments)) {}
Segmenter::~Segmenter() = default;
Segmenter::Segmenter(Segmenter&&) noexcept = default;
Segmenter& Segmenter::operator=(Segmenter&&) noexcept = default;

void Segmenter::push(std::span<const float> samples, const Sink<const Segment&>& sink) {
    impl_->push(samples, sink);
}
std::int64_t Segmenter::finish(const Sink<const Segment&>& sink) {
    return impl_->finish(sink);
}

}  // namespace earmark
