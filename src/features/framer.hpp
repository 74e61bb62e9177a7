#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "earmark/features.hpp"

namespace earmark::features {

/// Whether a signal of that many samples can be padded so. @throws Error too_short when reflection needs more
void require_reflection(Padding padding, int frame_length, std::int64_t samples);

/// A frame of a signal that lies in memory as a whole, in place where it can be.
/// @param start    its first sample; may lie before the signal, and its last one behind it
/// @param scratch  as long as a frame: where one that reaches beyond the ends is put together
const float* frame_of_signal(std::span<const float> samples, std::int64_t start, Padding padding,
                             std::span<float> scratch);

/// Cuts a signal that arrives in pieces into centred, overlapping frames: frame t holds the samples
/// t · hop_length - frame_length / 2 up to t · hop_length + frame_length / 2; what lies beyond the two ends of the
/// signal is zeros or the signal mirrored about its first and last sample (which are not doubled).
///
/// Use: `while (!samples.empty()) { samples = framer.push(samples); while (count = framer.next(frames)) … }`, then
/// `end` and the remaining frames. 1 + samples / hop_length frames come of it, none of an empty signal. Holds little
/// more than one frame.
class Framer {
  public:
    /// @param frame_length  even
    Framer(int frame_length, int hop_length, Padding padding);

    /// Takes samples from the front and returns those that it had no room for. If there are any, call `next` until it
    /// gives nothing before the next `push`; if not, frames may wait.
    std::span<const float> push(std::span<const float> samples);

    /// How many complete frames `next` has to give.
    std::size_t ready();

    /// The next complete frames, as many as there are and `frames` takes; valid until the next call of `push` or `end`.
    /// @return how many; 0 when more samples are needed
    std::size_t next(std::span<const float*> frames);

    /// Pads the end of the signal. @throws Error too_short when reflection needs more samples than there were
    void end();

    /// Makes ready for another signal.
    void reset();

  private:
    /// Samples that fit in; behind them there is room for the padding at the end.
    std::int64_t capacity() const;
    bool fill_head();
    void make_room();

    std::int64_t length_;
    std::int64_t hop_;
    std::int64_t half_;
    Padding padding_;
    std::vector<float> buffer_;

    // Positions count padded samples from the start of the padding before the signal.
    std::int64_t received_ = 0;      // samples of the signal so far
    std::int64_t base_ = 0;          // position of buffer_[0]
    std::int64_t filled_ = 0;        // samples in buffer_
    std::int64_t next_ = 0;          // position of the next frame
    bool head_is_complete_ = false;  // the padding before the signal is in place
};

}  // namespace earmark::features
