#include "audio/resampling/shared_decoding.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "audio/resampling/native_source.hpp"
#include "audio/resampling/resampled_source.hpp"

namespace earmark::audio {

/// What was decoded, as far as it is kept.
class SharedDecoding::Track {
  public:
    explicit Track(AudioReader reader) : reader_(std::move(reader)) {}

    AudioReader& reader() noexcept { return reader_; }
    const SampleSource& source() const noexcept { return reader_.source(); }

    /// A place for a reader to note which sample it needs next.
    std::shared_ptr<std::int64_t> add_reader() {
        needed_.push_back(std::make_shared<std::int64_t>(0));
        return needed_.back();
    }

    void keep_whole() noexcept { whole_ = true; }

    void release(std::size_t reader, double seconds) {
        const double sample = std::min(seconds * reader_.sample_rate(), static_cast<double>(INT64_MAX / 2));
        *needed_.at(reader) = std::max(*needed_.at(reader), static_cast<std::int64_t>(sample) - lead());
    }

    struct Kept {
        std::int64_t first = 0;
        std::shared_ptr<const AudioBlock> block;

        std::int64_t end() const { return first + std::ssize(block->samples); }
    };

    /// The block that has this sample; an empty one at the end. @throws CannotShare when it is kept no more
    Kept block_with(std::int64_t sample) {
        while (end_ <= sample) {
            if (!decode()) return {end_, last_};
        }
        const auto found = std::ranges::find_if(kept_, [&](const Kept& kept) { return sample < kept.end(); });
        if (found == kept_.end() || sample < found->first) throw CannotShare();
        return *found;
    }

    bool skip_to(std::int64_t sample) {
        if (whole_) return true;
        if (sample > end_ + reader_.sample_rate()) {
            if (last_ || !reader_.skip_to(sample)) return false;
            kept_.clear();
            end_ = sample;
        }
        forgotten_ = std::max(forgotten_, sample - lead());
        return true;
    }

  private:
    /// Samples before one that is skipped to of which some may be needed: what the resampler reads first; and where a
    /// reader is less than a second before, and a block that it holds, it reads on.
    std::int64_t lead() const noexcept {
        return 2 * std::int64_t{reader_.sample_rate()} + 2 * static_cast<std::int64_t>(BlockSource::block_size);
    }

    bool decode() {
        if (last_) return false;
        std::int64_t needed = end_;
        for (const auto& each : needed_) needed = std::min(needed, *each);
        needed = std::max(needed, forgotten_);
        while (!kept_.empty() && kept_.front().end() <= needed) kept_.pop_front();
        const std::span<const float> samples = reader_.read(BlockSource::block_size);
        if (source().rate_changed()) throw CannotShare();  // a reader of its own would resample once
        auto block = std::make_shared<AudioBlock>();
        block->samples.assign(samples.begin(), samples.end());
        block->sample_rate = reader_.sample_rate();
        block->warnings = reader_.warnings();
        if (samples.empty()) {
            last_ = std::move(block);
            return false;
        }
        kept_.push_back({end_, std::move(block)});
        end_ = kept_.back().end();
        return true;
    }

    AudioReader reader_;
    std::vector<std::shared_ptr<std::int64_t>> needed_;
    std::deque<Kept> kept_;  // without gaps
    std::int64_t end_ = 0;   // of what was decoded
    std::int64_t forgotten_ = 0;
    bool whole_ = false;
    std::shared_ptr<const AudioBlock> last_;  // the empty block after the end, once it was read
};

/// The blocks as one reader reads them.
class SharedDecoding::Blocks : public NativeSource {
  public:
    explicit Blocks(std::shared_ptr<Track> track) : track_(std::move(track)), needed_(track_->add_reader()) {}

    const AudioInfo& info() const noexcept override { return track_->reader().info(); }

    const AudioBlock& next() override {
        const Track::Kept kept = track_->block_with(next_);
        block_ = kept.block;
        if (next_ > kept.first && !block_->samples.empty()) {  // it was told to skip into the block
            AudioBlock rest{{block_->samples.begin() + (next_ - kept.first), block_->samples.end()},
                            block_->sample_rate,
                            block_->warnings,
                            nullptr};
            block_ = std::make_shared<AudioBlock>(std::move(rest));
        }
        move_to(next_ + std::ssize(block_->samples));
        return *block_;
    }

    bool skip_to(std::int64_t sample) override {
        if (sample < next_ || !track_->skip_to(sample)) return false;
        move_to(sample);
        return true;
    }

    void decode_ahead() override { track_->reader().decode_ahead(); }
    double count_seconds() override { return track_->reader().seconds(); }
    std::unique_ptr<SampleSource> reopen(int sample_rate) const override {
        return track_->source().reopen(sample_rate);
    }

  private:
    void move_to(std::int64_t sample) {
        next_ = sample;
        *needed_ = std::max(*needed_, sample);
    }

    std::shared_ptr<Track> track_;
    std::shared_ptr<std::int64_t> needed_;  // what is before this sample may go
    std::int64_t next_ = 0;                 // the number of the sample with which the next block begins
    std::shared_ptr<const AudioBlock> block_;
};

SharedDecoding::SharedDecoding(AudioReader reader) : track_(std::make_shared<Track>(std::move(reader))) {}
SharedDecoding::~SharedDecoding() = default;

void SharedDecoding::keep_whole() {
    track_->keep_whole();
}

void SharedDecoding::release(std::size_t reader, double seconds) {
    track_->release(reader, seconds);
}

AudioReader SharedDecoding::open(int sample_rate) {
    return AudioReader(std::make_unique<ResampledSource>(std::make_unique<Blocks>(track_), sample_rate));
}

}  // namespace earmark::audio
