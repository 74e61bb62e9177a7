#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "audio/sample_source.hpp"
#include "library/reading/reading_session.hpp"

namespace earmark::library {

/// Samples that a confined process decodes and resamples. It is asked for as many as fill one half of the shared memory;
/// they are copied out and checked before they are used. While they are used it waits or, after `decode_ahead`, fills the
/// other half.
class ConfinedAudio : public audio::SampleSource {
  public:
    ConfinedAudio(std::shared_ptr<ReadingSession> session, int sample_rate);

    std::unique_ptr<audio::SampleSource> reopen(int sample_rate) const override;
    bool rate_changed() const noexcept override { return rate_changed_; }
    const AudioInfo& info() const noexcept override { return info_; }
    int sample_rate() const noexcept override { return sample_rate_; }
    double seconds() override;
    std::span<const float> read(std::size_t most) override;
    bool skip_to(std::int64_t sample) override;
    void decode_ahead() override { ahead_ = true; }
    std::int64_t position() const noexcept override { return position_; }
    const std::vector<std::string>& warnings() const noexcept override { return warnings_; }

  private:
    template <typename Use>
    auto run(Use use);
    void start(confine::Worker& worker);
    void repeat(confine::Worker& worker);
    void discard(confine::Worker& worker, std::int64_t samples);
    void request(confine::Worker& worker, std::size_t samples);
    void take(confine::Worker& worker);
    void fetch(std::size_t most);

    std::shared_ptr<ReadingSession> session_;
    int asked_rate_;
    AudioInfo info_;
    int sample_rate_ = 0;
    double seconds_ = 0.0;
    int process_ = 0;  // in which the audio is open
    bool ahead_ = false;
    bool ended_ = false;
    bool rate_changed_ = false;
    std::size_t requested_ = 0;  // samples that the process is to answer with
    std::size_t half_ = 0;       // of the memory, where it puts them
    std::vector<float> samples_;
    std::span<const float> ready_;  // of them, not handed out yet
    std::vector<std::string> warnings_;
    std::int64_t position_ = 0;
    std::int64_t fetched_ = 0;                                    // where the process stands
    std::vector<std::pair<std::int64_t, std::int64_t>> skipped_;  // from where to where
};

}  // namespace earmark::library
