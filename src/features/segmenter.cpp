#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "base/throw.hpp"
#include "earmark/segments.hpp"
#include "features/feature_computer.hpp"
#include "features/framer.hpp"
#include "features/segment_options.hpp"

namespace earmark {
namespace {

constexpr float smallest_step = 1.0F / 32768.0F;

}  // namespace

bool is_silent(std::span<const float> samples) {
    return std::all_of(samples.begin(), samples.end(), [](float sample) { return std::abs(sample) < smallest_step; });
}

// The first stage is computed while the samples arrive, so that they need not be kept; the second when the block is
// complete, since only then its maximum is known.
class Segmenter::Impl {
  public:
    Impl(const FeatureOptions& features, const SegmentOptions& segments)
        : features_((validate(segments, features), features)),
          segments_(segments),
          block_size_(samples_of(features, segments, segments.segments_per_block)),
          segment_size_(samples_of(features, segments, 1)),
          silent_(static_cast<std::size_t>(segments.segments_per_block), true) {
        const auto columns = static_cast<std::size_t>(segments.frames);
        if (features.kind != FeatureKind::waveform) {
            computer_.emplace(features);
            framer_.emplace(features.fft_size, features.hop_length, features.padding);
            width_ = static_cast<std::size_t>(computer_->first_stage_width());
            if (computer_->has_second_stage()) {
                values_.resize(columns * static_cast<std::size_t>(coefficient_count(features)));
            }
        }
        columns_.resize(columns * width_);
    }

    void push(std::span<const float> samples, const Sink<const Segment&>& sink) {
        while (!samples.empty()) {
            const auto room = static_cast<std::size_t>(block_size_ - held_);
            const std::span<const float> taken = samples.first(std::min(room, samples.size()));
            samples = samples.subspan(taken.size());
            if (block_start_ == 0) keep(taken);
            update_silence(taken);
            held_ += static_cast<std::int64_t>(taken.size());
            analyse(taken);
            if (held_ == block_size_) {
                emit(segments_.segments_per_block, sink);
                begin_block(block_start_ + block_size_);
            }
        }
    }

    std::int64_t finish(const Sink<const Segment&>& sink) {
        const std::int64_t whole = segments_in(features_, segments_, held_);
        if (whole > 0) {
            emit(whole, sink);
        } else if (count_ == 0 && held_ >= features_.fft_size) {
            repeat();
            emit(1, sink);
        }
        const std::int64_t count = count_;
        count_ = 0;
        start_.clear();
        begin_block(0);
        return count;
    }

  private:
    void begin_block(std::int64_t start) {
        block_start_ = start;
        held_ = 0;
        std::fill(silent_.begin(), silent_.end(), true);
        forget_frames();
    }

    void forget_frames() {
        frames_ = 0;
        if (!computer_) return;
        computer_->reset_maximum();
        framer_->reset();
    }

    // As much of the start of the signal as it takes to repeat one that is too short for a segment.
    void keep(std::span<const float> samples) {
        const std::size_t missing =
            static_cast<std::size_t>(segment_size_) - std::min(static_cast<std::size_t>(segment_size_), start_.size());
        const std::span<const float> kept = samples.first(std::min(missing, samples.size()));
        start_.insert(start_.end(), kept.begin(), kept.end());
    }

    // Instead of the signal, which is shorter than a segment, analyses one that repeats it until it is a segment long.
    void repeat() {
        forget_frames();
        for (std::int64_t left = segment_size_; left > 0; left -= held_) {
            analyse(std::span(start_).first(static_cast<std::size_t>(std::min(left, held_))));
        }
    }

    void update_silence(std::span<const float> samples) {
        const std::int64_t end = held_ + static_cast<std::int64_t>(samples.size());
        // The segment that the first sample falls into, or by rounding the one before.
        const double size = segments_.seconds * features_.sample_rate;
        const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(static_cast<double>(held_) / size) - 1);
        for (std::int64_t k = first; k < segments_.segments_per_block && samples_of(features_, segments_, k) < end;
             ++k) {
            const std::int64_t from = std::max(held_, samples_of(features_, segments_, k));
            const std::int64_t to = std::min(end, samples_of(features_, segments_, k + 1));
            const auto segment = static_cast<std::size_t>(k);
            if (from >= to || !silent_[segment]) continue;
            silent_[segment] = is_silent({samples.begin() + (from - held_), samples.begin() + (to - held_)});
        }
    }

    // The first stage of all frames, since the floor depends on all.
    void analyse(std::span<const float> samples) {
        if (!computer_) {
            float* const to = next_rows(samples.size());
            std::copy(samples.begin(), samples.end(), to);
            return;
        }
        while (!samples.empty()) {
            samples = framer_->push(samples);
            // Frames wait for their group to be complete, unless they are in the way of samples.
            analyse_frames(samples.empty() ? features::frame_group : 1);
        }
    }

    void analyse_frames(std::size_t least) {
        std::array<const float*, features::frame_group> group;
        while (framer_->ready() >= least) {
            const std::size_t frames = framer_->next(group);
            computer_->analyse(std::span(group).first(frames), next_rows(frames));
        }
    }

    // Where the next `count` rows of the first stage go.
    float* next_rows(std::size_t count) {
        const std::size_t offset = frames_ * width_;
        frames_ += count;
        if (rows_.size() < frames_ * width_) rows_.resize(frames_ * width_);
        return rows_.data() + offset;
    }

    // Hands out the first `whole` segments of the block.
    void emit(std::int64_t whole, const Sink<const Segment&>& sink) {
        float floor = 0.0F;
        if (computer_) {
            framer_->end();
            analyse_frames(1);
            floor = computer_->floor(computer_->maximum_power());
        }
        const double rate = features_.sample_rate;
        for (std::int64_t k = 0; k < whole; ++k) {
            const std::int64_t start = std::min(samples_of(features_, segments_, k), held_);
            const std::int64_t end = std::min(samples_of(features_, segments_, k + 1), held_);
            Segment segment;
            segment.index = count_++;
            segment.start_seconds = static_cast<double>(block_start_ + start) / rate;
            segment.end_seconds = static_cast<double>(block_start_ + end) / rate;
            segment.silent = silent_[static_cast<std::size_t>(k)];
            segment.values = values_of(k, floor);
            sink(segment);
        }
    }

    // The second stage only of the frames that the segment takes.
    std::span<const float> values_of(std::int64_t segment, float floor) {
        float* to = columns_.data();
        for (int column = 0; column < segments_.frames; ++column, to += width_) {
            std::copy_n(rows_.data() + static_cast<std::size_t>(frame_index(segments_, segment, column)) * width_,
                        width_, to);
        }
        if (values_.empty()) return columns_;
        computer_->express(columns_.data(), segments_.frames, floor, values_.data());
        return values_;
    }

    FeatureOptions features_;
    SegmentOptions segments_;
    std::int64_t block_size_;
    std::int64_t segment_size_;
    std::optional<features::FeatureComputer> computer_;  // none for waveforms, nor a framer
    std::optional<features::Framer> framer_;
    std::size_t width_ = 1;       // of a row of the first stage
    std::vector<float> columns_;  // the first stage of the frames of one segment
    std::vector<float> values_;   // their second, if there is one
    std::vector<float> start_;    // of the signal, at most a segment
    std::int64_t count_ = 0;      // segments of this signal so far

    // Of the block so far.
    std::int64_t block_start_ = 0;
    std::int64_t held_ = 0;     // samples
    std::size_t frames_ = 0;    // frames that passed the first stage
    std::vector<float> rows_;   // what became of them; kept longer than it is needed, so that it need not grow again
    std::vector<bool> silent_;  // segment by segment
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
