#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "earmark/segments.hpp"
#include "features/feature_computer.hpp"
#include "features/framer.hpp"

namespace earmark::features {

/// From the samples of a signal that arrives in pieces to the features of its segments. The first stage is computed
/// while samples arrive, so that they need not be kept; the second when a segment is handed out, of its frames only.
/// Where the rows of the first stage go is the caller's affair: `rows(count)` returns where the next `count` go.
class SegmentComputer {
  public:
    /// @param features  valid ones, as are `segments`
    SegmentComputer(const FeatureOptions& features, const SegmentOptions& segments);

    /// Values of a row of the first stage.
    std::size_t width() const noexcept { return width_; }

    /// Makes ready for another block.
    void begin();

    /// Takes the next samples.
    template <typename Rows>
    void push(std::span<const float> samples, Rows rows) {
        if (!computer_) {
            std::copy(samples.begin(), samples.end(), rows(samples.size()));
            return;
        }
        while (!samples.empty()) {
            samples = framer_->push(samples);
            // Frames wait for their group to be complete, unless they are in the way of samples.
            analyse(samples.empty() ? frame_group : 1, rows);
        }
    }

    /// Ends the block.
    /// @throws Error too_short as Framer::end
    template <typename Rows>
    void end(Rows rows) {
        if (!computer_) return;
        framer_->end();
        analyse(1, rows);
    }

    /// The floor that the greatest power of the block so far sets; see FeatureComputer.
    float floor() const noexcept { return computer_ ? computer_->floor(computer_->maximum_power()) : 0.0F; }

    /// The features of a segment.
    /// @param row  `row(column)` returns the row of the first stage that is a column of the segment
    template <typename Row>
    std::span<const float> values(float floor, Row row) {
        float* to = columns_.data();
        for (int column = 0; column < frames_; ++column, to += width_) std::copy_n(row(column), width_, to);
        if (values_.empty()) return columns_;
        computer_->express(columns_.data(), frames_, floor, values_.data());
        return values_;
    }

    /// Keeps as much of the start of a signal as it takes to repeat one that is too short for a segment.
    void keep(std::span<const float> samples);
    /// Forgets what was kept.
    void forget() { start_.clear(); }

    /// Instead of the signal, which has `held` samples and is shorter than a segment, analyses one that repeats it until
    /// it is a segment long.
    template <typename Rows>
    void repeat(std::int64_t held, Rows rows) {
        begin();
        for (std::int64_t left = segment_size_; left > 0; left -= held) {
            push(std::span(start_).first(static_cast<std::size_t>(std::min(left, held))), rows);
        }
    }

  private:
    template <typename Rows>
    void analyse(std::size_t least, Rows rows) {
        std::array<const float*, frame_group> group;
        while (framer_->ready() >= least) {
            const std::size_t frames = framer_->next(group);
            computer_->analyse(std::span(group).first(frames), rows(frames));
        }
    }

    int frames_;
    std::int64_t segment_size_;
    std::optional<FeatureComputer> computer_;  // none for waveforms, nor a framer
    std::optional<Framer> framer_;
    std::size_t width_ = 1;
    std::vector<float> columns_;  // the first stage of the frames of one segment
    std::vector<float> values_;   // their second, if there is one
    std::vector<float> start_;    // of the signal, at most a segment
};

}  // namespace earmark::features
