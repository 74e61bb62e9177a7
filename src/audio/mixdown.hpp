#pragma once

#include <cstdint>
#include <span>
#include <vector>

struct AVFrame;

namespace earmark::audio {

/// Averages the channels of decoded frames into one, as float: u8 becomes (v - 128) / 128, s16 v / 32768,
/// s32 v / 2^31, s64 v / 2^63, float and double stay as they are. Mono s16 comes out exactly.
class Mixdown {
  public:
    /// Largest magnitude that comes out.
    static constexpr float limit = 1e6F;

    /// One frame of any AVSampleFormat, planar or packed. @return as many samples as the frame has, valid until the
    /// next call; empty when the frame has none or a format that is unknown.
    std::span<const float> mix(const AVFrame& frame);

    /// Samples so far with a channel that was NaN or infinite; such a channel counts as 0.
    std::int64_t not_finite() const noexcept { return not_finite_; }

    /// Samples so far that were beyond `limit`.
    std::int64_t clamped() const noexcept { return clamped_; }

  private:
    template <typename T>
    void mend(const AVFrame& frame, bool planar);

    std::vector<float> mono_;
    std::int64_t not_finite_ = 0;
    std::int64_t clamped_ = 0;
};

}  // namespace earmark::audio
