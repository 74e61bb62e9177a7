#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "core/throw.hpp"
#include "earmark/segments.hpp"
#include "features/feature_computer.hpp"

namespace earmark {
namespace {

// A block is held in memory: at most 256 MiB, 50 minutes at 22 050 Hz.
constexpr double greatest_block = 1 << 26;
constexpr float smallest_step = 1.0F / 32768.0F;

std::int64_t samples_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t count) {
    return std::llround(static_cast<double>(count) * segments.seconds * features.sample_rate);
}

// The frame of its block that segment `segment` takes as its column `column`.
std::int64_t frame_of(const SegmentOptions& segments, std::int64_t segment, std::int64_t column) {
    const auto columns = static_cast<double>(segment * segments.frames + column);
    return static_cast<std::int64_t>(std::floor((columns + 0.5) * segments.frame_step));
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
          block_size_(samples_of(features, segments, segments.segments_per_block)) {
        if (features.kind != FeatureKind::waveform) computer_.emplace(features);
        const auto columns = static_cast<std::size_t>(segments.frames);
        width_ = static_cast<std::size_t>(computer_ ? computer_->first_stage_width() : 1);
        columns_.resize(columns * width_);
        if (computer_ && computer_->has_second_stage()) {
            values_.resize(columns * static_cast<std::size_t>(coefficients_of(features)));
        }
        block_.reserve(static_cast<std::size_t>(block_size_));
    }

    void push(std::span<const float> samples, const Sink& sink) {
        const auto block_size = static_cast<std::size_t>(block_size_);
        while (!samples.empty()) {
            const std::span<const float> taken = samples.first(std::min(block_size - block_.size(), samples.size()));
            samples = samples.subspan(taken.size());
            // A block that arrives whole need not be kept.
            if (taken.size() < block_size) block_.insert(block_.end(), taken.begin(), taken.end());
            if (taken.size() < block_size && block_.size() < block_size) return;
            emit(block_.empty() ? taken : block_, segments_.segments_per_block, block_size_, sink);
            block_start_ += block_size_;
            block_.clear();
        }
    }

    std::int64_t finish(const Sink& sink) {
        const auto held = static_cast<std::int64_t>(block_.size());
        const std::int64_t whole = segments_in(features_, segments_, held);
        if (whole > 0) {
            emit(block_, whole, held, sink);
        } else if (count_ == 0 && held >= features_.fft_size) {
            // No block was complete, so the block is the signal.
            const std::int64_t one = samples_of(features_, segments_, 1);
            while (static_cast<std::int64_t>(block_.size()) < one) {
                block_.push_back(block_[block_.size() - static_cast<std::size_t>(held)]);
            }
            emit(block_, 1, held, sink);
        }
        const std::int64_t count = count_;
        count_ = 0;
        block_start_ = 0;
        block_.clear();
        return count;
    }

  private:
    // Hands out the first `whole` segments of a block, of whose samples the first `held` are the signal's.
    void emit(std::span<const float> block, std::int64_t whole, std::int64_t held, const Sink& sink) {
        analyse(block);
        const double rate = features_.sample_rate;
        for (std::int64_t k = 0; k < whole; ++k) {
            const std::int64_t start = std::min(samples_of(features_, segments_, k), held);
            const std::int64_t end = std::min(samples_of(features_, segments_, k + 1), held);
            Segment segment;
            segment.index = count_++;
            segment.start_seconds = static_cast<double>(block_start_ + start) / rate;
            segment.end_seconds = static_cast<double>(block_start_ + end) / rate;
            segment.silent = std::all_of(block.begin() + start, block.begin() + end,
                                         [](float sample) { return std::abs(sample) < smallest_step; });
            segment.values = values_of(k);
            sink(segment);
        }
    }

    // The first stage of all frames of a block, since the floor depends on all.
    void analyse(std::span<const float> block) {
        if (!computer_) {
            rows_.assign(block.begin(), block.end());
            return;
        }
        const std::int64_t frames = frames_of(features_, static_cast<std::int64_t>(block.size()));
        rows_.resize(static_cast<std::size_t>(frames) * width_);
        computer_->analyse_signal(block, rows_.data());
        floor_ = computer_->floor(computer_->maximum_power());
    }

    // The second stage only of the frames that the segment takes.
    std::span<const float> values_of(std::int64_t segment) {
        for (int column = 0; column < segments_.frames; ++column) {
            const auto row = static_cast<std::size_t>(frame_of(segments_, segment, column));
            std::copy_n(rows_.data() + row * width_, width_,
                        columns_.data() + static_cast<std::size_t>(column) * width_);
        }
        if (values_.empty()) return columns_;
        computer_->express(columns_.data(), segments_.frames, floor_, values_.data());
        return values_;
    }

    FeatureOptions features_;
    SegmentOptions segments_;
    std::int64_t block_size_;
    std::optional<FeatureComputer> computer_;  // none for waveforms
    std::size_t width_ = 1;                    // of a row of the first stage
    std::vector<float> block_;                 // samples of the block so far
    std::vector<float> rows_;                  // the first stage of its frames
    float floor_ = 0.0F;                       // of the block
    std::vector<float> columns_;               // the first stage of the frames of one segment
    std::vector<float> values_;                // their second, if there is one
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
