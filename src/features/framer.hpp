#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "earmark/features.hpp"

namespace earmark::features {

/// Samples of a frame before the time that it stands for: half a frame where frames are centred, else none.
int frame_lead(const FeatureOptions& options) noexcept;

/// Whether a signal of that many samples can be padded so by `lead` samples at each end.
/// @throws Error too_short when reflection needs more
void require_reflection(Padding padding, std::int64_t lead, std::int64_t samples);

/// A frame of a signal that lies in memory as a whole, in place where it can be.
/// @param start    its first sample; may lie before the signal, and its last one behind it
/// @param scratch  as long as a frame: where one that reaches beyond the ends is put together
const float* frame_of_signal(std::span<const float> samples, std::int64_t start, Padding padding,
                             std::span<float> scratch);

/// Cuts a signal that arrives in pieces into overlapping frames: frame t holds frame_length samples from
/// t · hop_length - lead on. What lies up to `lead` samples beyond the two ends of the signal is zeros or the signal
/// mirrored about its first and last sample (which are not doubled). A lead of half a frame makes centred frames.
///
/// Use: `while (!samples.empty()) { samples = framer.push(samples); while (count = framer.next(frames)) … }`, then
/// `end` and the remaining frames. As many frames come of it as frame_count says. Holds little more than one frame.
class Framer {
  public:
    /// @param lead  at most frame_length
    Framer(int frame_length, int hop_length, Padding padding, int lead);
    /// For the frames that `options`, valid ones of another kind than waveform, describe.
    explicit Framer(const FeatureOptions& options);

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
    std::int64_t lead_;
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
