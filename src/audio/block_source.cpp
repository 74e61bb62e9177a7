#include "audio/block_source.hpp"

namespace earmark::audio {

BlockSource::BlockSource(std::shared_ptr<Input> input) : decoder_(std::move(input)) {}

BlockSource::~BlockSource() {
    if (!thread_.joinable()) return;
    queue_.close();
    thread_.join();
}

void BlockSource::fill(AudioBlock& block) {
    block.samples.clear();
    block.sample_rate = 0;
    while (block.samples.size() < block_size) {
        if (rest_.samples.empty()) rest_ = decoder_.next();
        const bool fits = block.sample_rate == 0 || block.sample_rate == rest_.sample_rate;
        if (rest_.samples.empty() || !fits) break;
        block.sample_rate = rest_.sample_rate;
        block.samples.insert(block.samples.end(), rest_.samples.begin(), rest_.samples.end());
        rest_ = {};
    }
    block.warnings = decoder_.warnings();
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
    rest_ = {};
    return decoder_.skip_to(sample);
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
