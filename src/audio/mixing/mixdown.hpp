#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "audio/mixing/kept_channels.hpp"

struct AVFrame;

namespace earmark::audio {

template <typename T>
struct Channels;

/// Averages the channels of decoded frames into one, as float: u8 becomes (v - 128) / 128, s16 v / 32768,
/// s32 v / 2^31, s64 v / 2^63, float and double stay as they are. Mono s16 comes out exactly. Keeps channels beside their
/// mean, in case they cancel (CancellationGuard).
class Mixdown {
  public:
    /// Largest magnitude that comes out.
    static constexpr float limit = 1e6F;

    /// One frame of any AVSampleFormat, planar or packed. @return as many samples as the frame has, valid until the
    /// next call; empty when the frame has none or a format that is unknown.
    std::span<const float> mix(const AVFrame& frame);

    /// The same for packed float samples, a whole number of frames of `channels` each.
    std::span<const float> mix(std::span<const float> interleaved, int channels);

    /// The channels of the frames that were mixed last, valid as long as their mean.
    const KeptChannels& kept() const noexcept { return kept_; }

    /// Samples so far with a channel that was NaN or infinite; such a channel counts as 0.
    std::int64_t not_finite() const noexcept { return not_finite_; }

    /// Samples so far that were beyond `limit`.
    std::int64_t clamped() const noexcept { return clamped_; }

    /// Appends to `warnings` what was odd among `samples` samples so far, a sentence each.
    void describe(std::int64_t samples, std::vector<std::string>& warnings) const;

  private:
    template <typename T>
    std::span<const float> mix(const Channels<T>& from);
    template <typename T>
    void mix_checked(const Channels<T>& from);
    template <typename T>
    void mend(const Channels<T>& from);

    template <typename T>
    void keep(const Channels<T>& from);

    std::vector<float> mono_;
    std::vector<float> channels_;
    KeptChannels kept_;
    std::int64_t not_finite_ = 0;
    std::int64_t clamped_ = 0;
};

}  // namespace earmark::audio
