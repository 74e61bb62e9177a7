#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "audio/decoder.hpp"
#include "audio/mixing/cancellation_guard.hpp"
#include "base/bounded_queue.hpp"

namespace earmark::audio {

/// Some decoded mono samples of one rate, and what was odd about the file up to them.
struct AudioBlock {
    std::vector<float> samples;
    int sample_rate = 0;
    std::vector<std::string> warnings;
    std::exception_ptr error;  ///< what ended the decoding instead
};

/// Decodes an input in blocks of thousands of samples, which the resampler works through faster than frame by frame. That
/// happens on the calling thread or, after `decode_ahead`, on a thread of its own, a few blocks ahead of the caller.
/// The blocks are the same either way.
class BlockSource {
  public:
    /// Samples of a block; the last, and one before a change of rate, can be shorter.
    static constexpr std::size_t block_size = 1 << 14;
    /// Blocks that wait for the caller at the most.
    static constexpr std::size_t blocks_ahead = 4;

    /// @throws Error as Decoder
    explicit BlockSource(std::shared_ptr<Input> input);
    ~BlockSource();
    BlockSource(const BlockSource&) = delete;
    BlockSource& operator=(const BlockSource&) = delete;

    const AudioInfo& info() const noexcept { return decoder_.info(); }

    /// The next block; without samples at the end. Valid until the next call. @throws Error as Decoder::next
    const AudioBlock& next();

    /// Goes forward, so that the next block begins with sample number `sample`, see Decoder::skip_to. Not after
    /// `decode_ahead`.
    bool skip_to(std::int64_t sample);

    /// Decodes on a thread of its own from now on. Without effect when it does so already.
    void decode_ahead();

  private:
    void fill(AudioBlock& block);

    Decoder decoder_;
    CancellationGuard guard_;
    int rate_ = 0;     // of the samples that the guard holds; 0: it holds none
    AudioChunk rest_;  // decoded, but in no block yet
    AudioBlock block_;
    base::BoundedQueue<AudioBlock> queue_{blocks_ahead};
    std::thread thread_;
    bool ended_ = false;  // the last block of the thread was taken
};

}  // namespace earmark::audio
