#pragma once

#include <span>
#include <string>
#include <vector>

#include "audio/mixing/cancellation_guard.hpp"
#include "audio/mixing/mixdown.hpp"
#include "audio/resampling/resampler.hpp"
#include "earmark/audio.hpp"

namespace earmark::audio {

/// Brings samples of any rate and channel count to mono at one rate, piece by piece: by the same rules as AudioReader
/// does with what it decodes.
class SampleMixer {
  public:
    /// @param samples      must outlive this object
    /// @param output_rate  as Resampler
    /// @throws Error bad_option for a rate or a channel count out of range, bad_data when the last frame is not whole
    SampleMixer(const Samples& samples, int output_rate);

    /// The next piece; empty at the end. Valid until the next call. @throws Error internal as Resampler
    std::span<const float> read();

    /// What was odd so far, a sentence each.
    std::vector<std::string> warnings() const;

  private:
    Samples samples_;
    std::span<const float> rest_;
    Mixdown mixdown_;
    CancellationGuard guard_;
    std::vector<float> mono_;
    Resampler resampler_;
    bool mixed_ = false;  // all of them
    bool finished_ = false;
};

}  // namespace earmark::audio
