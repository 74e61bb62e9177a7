#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/resampling/native_source.hpp"
#include "audio/resampling/resampler.hpp"
#include "audio/sample_source.hpp"

namespace earmark::audio {

/// Brings blocks of samples, as they were recorded, to one rate.
class ResampledSource : public SampleSource {
  public:
    /// @param sample_rate  0: that of the recording
    ResampledSource(std::unique_ptr<NativeSource> blocks, int sample_rate);

    std::unique_ptr<SampleSource> reopen(int sample_rate) const override { return blocks_->reopen(sample_rate); }
    const AudioInfo& info() const noexcept override { return blocks_->info(); }
    int sample_rate() const noexcept override { return sample_rate_; }
    bool rate_changed() const noexcept override { return rate_changed_; }
    double seconds() override;
    std::span<const float> read(std::size_t most) override;
    bool skip_to(std::int64_t sample) override;
    void decode_ahead() override { blocks_->decode_ahead(); }
    std::int64_t position() const noexcept override { return position_; }
    const std::vector<std::string>& warnings() const noexcept override { return warnings_; }

  private:
    std::unique_ptr<NativeSource> blocks_;
    int sample_rate_;
    Resampler resampler_;
    std::span<const float> ready_;  // resampled, but not handed out yet
    std::vector<std::string> warnings_;
    std::int64_t position_ = 0;
    double seconds_ = 0.0;
    bool rate_changed_ = false;
    bool finished_ = false;
};

}  // namespace earmark::audio
