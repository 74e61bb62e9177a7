#include <algorithm>
#include <cmath>
#include <vector>

#include "core/throw.hpp"
#include "earmark/segments.hpp"

namespace earmark {
namespace {

// A block is held in memory: at most 256 MiB, 50 minutes at 22 050 Hz.
constexpr double greatest_block = 1 << 26;
constexpr float smallest_step = 1.0F / 32768.0F;

std::int64_t samples_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t count) {
    return std::llround(static_cast<double>(count) * segments.seconds * features.sample_rate);
}

// How many segments a block of `samples` samples holds whole.
std::int64_t segments_in(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t samples) {
    if (features.kind != FeatureKind::waveform && features.padding == Padding::reflect &&
        samples <= features.fft_size / 2) {
        return 0;
    }
    const std::int64_t frames = frames_of(features, samples);
    std::int64_t count = 0;
    while (count < segments.segments_per_block && frame_of(segments, count, segments.frames - 1) < frames) ++count;
    return count;
}

}  // namespace

std::int64_t frame_of(const SegmentOptions& segments, std::int64_t segment, std::int64_t column) {
    const auto columns = static_cast<double>(segment * segments.frames + column);
    return static_cast<std::int64_t>(std::floor((columns + 0.5) * segments.frame_step));
}

bool is_silent(std::span<const float> samples) {
    return std::all_of(samples.begin(), samples.end(), [](float sample) { return std::abs(sample) < smallest_step; });
}

void validate(const SegmentOptions& segments, const FeatureOptions& features) {
    validate(features);
    if (!(segments.seconds > 0.0)) {
        fail(ErrorCode::bad_option, "A segment is {} s long. It must be longer than 0 s.", segments.seconds);
    }
    if (segments.segments_per_block < 1) {
        fail(ErrorCode::bad_option, "segments_per_block is {}. It must be at least 1.", segments.segments_per_block);
    }
    if (segments.frames < 1) {
        fail(ErrorCode::bad_option, "A segment has {} frames. It must have at least 1.", segments.frames);
    }
    const double block = segments.segments_per_block * segments.seconds * features.sample_rate;
    if (!(block <= greatest_block)) {
        fail(ErrorCode::bad_option,
             "A block of {} segments of {} s at {} samples per second is longer than {} samples. Choose shorter or "
             "fewer segments.",
             segments.segments_per_block, segments.seconds, features.sample_rate, greatest_block);
    }
    if (!(segments.frame_step >= 1.0 && segments.frame_step <= greatest_block)) {
        fail(ErrorCode::bad_option, "frame_step is {}. It must be at least 1.", segments.frame_step);
    }
    // A single segment too: that is what short signals are repeated to.
    if (segments_in(features, segments, samples_of(features, segments, 1)) < 1 ||
        segments_in(features, segments, samples_of(features, segments, segments.segments_per_block)) <
            segments.segments_per_block) {
        fail(ErrorCode::bad_option,
             "{} columns, every {} frames of {} samples, do not fit into a segment of {} s at {} samples per second. "
             "Choose fewer frames or longer segments.",
             segments.frames, segments.frame_step, features.hop_length, segments.seconds, features.sample_rate);
    }
}

class Segmenter::Impl {
  public:
    Impl(const FeatureOptions& features, const SegmentOptions& segments)
        : features_((validate(segments, features), features)),
          segments_(segments),
          block_size_(samples_of(features, segments, segments.segments_per_block)),
          extractor_(features) {
        values_.resize(static_cast<std::size_t>(segments.frames) * static_cast<std::size_t>(coefficients_of(features)));
        block_.reserve(static_cast<std::size_t>(block_size_));
    }

    void push(std::span<const float> samples, const Sink& sink) {
        while (!samples.empty()) {
            const std::size_t room = static_cast<std::size_t>(block_size_) - block_.size();
            const std::span<const float> taken = samples.first(std::min(room, samples.size()));
            block_.insert(block_.end(), taken.begin(), taken.end());
            samples = samples.subspan(taken.size());
            if (static_cast<std::int64_t>(block_.size()) == block_size_) {
                emit(segments_.segments_per_block, block_size_, sink);
                block_start_ += block_size_;
                block_.clear();
            }
        }
    }

    std::int64_t finish(const Sink& sink) {
        const auto held = static_cast<std::int64_t>(block_.size());
        const std::int64_t whole = segments_in(features_, segments_, held);
        if (whole > 0) {
            emit(whole, held, sink);
        } else if (count_ == 0 && held >= features_.fft_size) {
            // No block was complete, so the block is the signal.
            const std::int64_t one = samples_of(features_, segments_, 1);
            while (static_cast<std::int64_t>(block_.size()) < one) {
                block_.push_back(block_[block_.size() - static_cast<std::size_t>(held)]);
            }
            emit(1, held, sink);
        }
        const std::int64_t count = count_;
        count_ = 0;
        block_start_ = 0;
        block_.clear();
        return count;
    }

  private:
    // Hands out the first `whole` segments of the block, of whose samples the first `held` are the signal's.
    void emit(std::int64_t whole, std::int64_t held, const Sink& sink) {
        extractor_.compute(block_, matrix_);
        const auto coefficients = static_cast<std::size_t>(matrix_.coefficients);
        const double rate = features_.sample_rate;
        for (std::int64_t k = 0; k < whole; ++k) {
            for (int column = 0; column < segments_.frames; ++column) {
                const std::span<const float> frame = matrix_.frame(frame_of(segments_, k, column));
                std::copy(
                    frame.begin(), frame.end(),
                    values_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(column) * coefficients));
            }
            const std::int64_t start = std::min(samples_of(features_, segments_, k), held);
            const std::int64_t end = std::min(samples_of(features_, segments_, k + 1), held);
            Segment segment;
            segment.index = count_++;
            segment.start_seconds = static_cast<double>(block_start_ + start) / rate;
            segment.end_seconds = static_cast<double>(block_start_ + end) / rate;
            segment.silent = is_silent({block_.begin() + start, block_.begin() + end});
            segment.values = values_;
            sink(segment);
        }
    }

    FeatureOptions features_;
    SegmentOptions segments_;
    std::int64_t block_size_;
    FeatureExtractor extractor_;
    FeatureMatrix matrix_;
    std::vector<float> block_;   // samples of the block so far
    std::vector<float> values_;  // of one segment
    std::int64_t block_start_ = 0;
    std::int64_t count_ = 0;  // segments of this signal so far
};

Segmenter::Segmenter(const FeatureOptions& features, const SegmentOptions& segments)
    : impl_(std::make_unique<Impl>(features, segments)) {}
Segmenter::~Segmenter() = default;
Segmenter::Segmenter(Segmenter&&) noexcept = default;
Segmenter& Segmenter::operator=(Segmenter&&) noexcept = default;

void Segmenter::push(std::span<const float> samples, const Sink& sink) {
    impl_->push(samples, sink);
}
std::int64_t Segmenter::finish(const Sink& sink) {
    return impl_->finish(sink);
}

}  // namespace earmark
