#include "audio/block_source.hpp"

namespace earmark::audio {

BlockSource::BlockSource(std::shared_ptr<Input> input)
    : decoder_(std::move(input)), guard_(decoder_.info().sample_rate) {}

BlockSource::~BlockSource() {
    if (!thread_.joinable()) return;
    queue_.close();
    thread_.join();
}

void BlockSource::fill(AudioBlock& block) {
    block.samples.clear();
    block.sample_rate = rate_;
    while (block.samples.size() < block_size) {
        if (rest_.samples.empty()) rest_ = decoder_.next();
        const bool ended = rest_.samples.empty();
        if (ended || (rate_ != 0 && rate_ != rest_.sample_rate)) {
            guard_.flush(block.samples);
            rate_ = 0;
            if (ended || !block.samples.empty()) break;
        }
        block.sample_rate = rate_ = rest_.sample_rate;
        guard_.push(rest_.samples, rest_.channels, block.samples);
        rest_ = {};
    }
    block.warnings = decoder_.warnings();
    guard_.describe(block.warnings);
}

const AudioBlock& BlockSource::next() {
    if (!thread_.joinable()) {
        fill(block_);
        return block_;
    }
    if (!ended_) queue_.pop(block_);
    ended_ = block_.samples.empty();  // then there is nothing more to come, and the same is given again
    if (block_.error) std::rethrow_exception(block_.error);
    return block_;
}

bool BlockSource::skip_to(std::int64_t sample) {
    const std::int64_t from = decoder_.info().channels == 1 ? sample : guard_.start_for(sample);
    guard_.discard_before(sample);
    // What the decoder is past already lies in the guard.
    if (from < decoder_.position()) return rest_.samples.empty() && guard_.position() <= sample;
    rest_ = {};
    if (!decoder_.skip_to(sample, from)) return false;
    guard_.restart(decoder_.position());
    rate_ = 0;
    return true;
}

void BlockSource::decode_ahead() {
    if (thread_.joinable()) return;
    thread_ = std::thread([this] {
        AudioBlock block;
        bool last = false;
        while (!last) {
            try {
                fill(block);
            } catch (...) {
                block.samples.clear();
                block.error = std::current_exception();
            }
            last = block.samples.empty();
            if (!queue_.push(block)) return;
        }
    });
}

}  // namespace earmark::audio
