#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "audio/mixing/kept_channels.hpp"

namespace earmark::audio {

/// Hears channels whose mean is silence though they are not: right = -left, say. Takes the mean of the channels, and the
/// channels kept beside it, and gives the mean, bit for bit, but in stretches where the channels cancel: there a channel.
///
/// Time is divided into cells of a tenth of a second, counted from the start of the file. In each the energies are
/// compared: channels cancel if that of their mean is under 1 % of what it would be if they had nothing in common
/// (20 dB under it; for two channels, 23 dB under either), and one of them reaches -72 dB of full scale. A change is
/// faded over in the first quarter of a cell. So what comes out depends on the cell and the one before it alone, and is
/// the same wherever reading began.
class CancellationGuard {
  public:
    /// @param sample_rate  of the file, samples per second
    explicit CancellationGuard(int sample_rate);

    /// The sample from which on there must be samples, so that those from `sample` on are what they are in the whole.
    std::int64_t start_for(std::int64_t sample) const noexcept;

    /// Forgets what it was fed: the next sample is number `position` of the file.
    void restart(std::int64_t position);

    /// Number of the sample that comes out next.
    std::int64_t position() const noexcept { return position_ - held(); }

    /// What comes before sample number `sample` is not to come out.
    void discard_before(std::int64_t sample) noexcept { discard_before_ = sample; }

    /// Takes the next samples, and appends to `out` those that are decided on.
    void push(std::span<const float> mean, KeptChannels channels, std::vector<float>& out);

    /// Appends the rest to `out`: at the end, or before the rate changes.
    void flush(std::vector<float>& out);

    /// Appends to `warnings` what was heard instead of the mean, if that was a second of what came out, or a tenth.
    void describe(std::vector<std::string>& warnings) const;

  private:
    std::int64_t held() const noexcept { return std::ssize(mean_); }
    const float* source(int choice) const;
    int choose();
    void decide(std::vector<float>& out);

    int sample_rate_;
    std::int64_t cell_;                         // samples
    std::int64_t position_ = 0;                 // number of the sample that is taken next
    std::int64_t discard_before_ = 0;           // samples of lower numbers do not come out
    std::vector<float> mean_;                   // of the cell so far
    std::vector<std::vector<float>> channels_;  // those kept of it
    std::vector<double> energies_;              // theirs
    int count_ = 1;                             // channels that there are
    int previous_ = unknown;                    // the choice for the cell before

    std::int64_t given_ = 0;      // samples that came out
    std::int64_t cancelled_ = 0;  // of these, samples of a channel
    int heard_ = unknown;         // the channel that was heard; `several` of them
    int heard_of_ = 0;            // channels that there were then

    static constexpr int the_mean = -1;
    static constexpr int unknown = -2;
    static constexpr int several = -3;
};

}  // namespace earmark::audio
