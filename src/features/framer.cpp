#include "features/framer.hpp"

#include <algorithm>

#include "base/throw.hpp"

namespace earmark::features {
namespace {

// Samples that the buffer takes beyond what it must keep: enough that moving the kept ones to the front costs little.
constexpr std::int64_t chunk = 8192;

}  // namespace

std::int64_t Framer::capacity() const {
    return length_ + lead_ + 1 + chunk;
}

int frame_lead(const FeatureOptions& options) noexcept {
    return options.centred ? frame_length(options) / 2 : 0;
}

void require_reflection(Padding padding, std::int64_t lead, std::int64_t samples) {
    if (padding == Padding::reflect && lead > 0 && samples <= lead) {
        base::fail(ErrorCode::too_short,
                   "The signal has {} samples: reflect padding needs at least {}. Use zero padding or a longer signal.",
                   samples, lead + 1);
    }
}

const float* frame_of_signal(std::span<const float> samples, std::int64_t start, Padding padding,
                             std::span<float> scratch) {
    const auto size = static_cast<std::int64_t>(samples.size());
    const auto length = static_cast<std::int64_t>(scratch.size());
    if (start >= 0 && start + length <= size) return samples.data() + start;
    for (std::int64_t n = 0; n < length; ++n) {
        std::int64_t at = start + n;
        if (padding == Padding::reflect) at = at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
        scratch[static_cast<std::size_t>(n)] = at < 0 || at >= size ? 0.0F : samples[static_cast<std::size_t>(at)];
    }
    return scratch.data();
}

Framer::Framer(const FeatureOptions& options)
    : Framer(frame_length(options), options.hop_length, options.padding, frame_lead(options)) {}

Framer::Framer(int frame_length, int hop_length, Padding padding, int lead)
    : length_(frame_length), hop_(hop_length), lead_(lead), padding_(padding) {
    buffer_.resize(static_cast<std::size_t>(capacity() + lead_));
    reset();
}

void Framer::reset() {
    received_ = 0;
    base_ = 0;
    next_ = 0;
    filled_ = lead_;
    std::fill_n(buffer_.begin(), lead_, 0.0F);
    head_is_complete_ = padding_ == Padding::zero;
}

bool Framer::fill_head() {
    if (received_ <= lead_) return false;
    const auto first = buffer_.begin() + lead_;
    std::reverse_copy(first + 1, first + 1 + lead_, buffer_.begin());
    head_is_complete_ = true;
    return true;
}

void Framer::make_room() {
    // Reflection at the end mirrors the last lead_ + 1 samples.
    const std::int64_t keep = std::max(base_, std::min(next_, base_ + filled_ - (lead_ + 1)));
    std::copy(buffer_.begin() + (keep - base_), buffer_.begin() + filled_, buffer_.begin());
    filled_ -= keep - base_;
    base_ = keep;
}

std::span<const float> Framer::push(std::span<const float> samples) {
    const auto size = static_cast<std::int64_t>(samples.size());
    if (size > capacity() - filled_) make_room();
    const std::int64_t taken = std::min(size, capacity() - filled_);
    std::copy_n(samples.begin(), taken, buffer_.begin() + filled_);
    filled_ += taken;
    received_ += taken;
    return samples.subspan(static_cast<std::size_t>(taken));
}

std::size_t Framer::ready() {
    if (!head_is_complete_ && !fill_head()) return 0;
    const std::int64_t beyond = base_ + filled_ - next_ - length_;
    return received_ == 0 || beyond < 0 ? 0 : static_cast<std::size_t>(beyond / hop_) + 1;
}

std::size_t Framer::next(std::span<const float*> frames) {
    const std::size_t count = std::min(ready(), frames.size());
    for (const float*& frame : frames.first(count)) {
        frame = buffer_.data() + (next_ - base_);
        next_ += hop_;
    }
    return count;
}

void Framer::end() {
    if (received_ == 0) return;
    require_reflection(padding_, lead_, received_);
    const auto end = buffer_.begin() + filled_;
    if (padding_ == Padding::reflect) {
        std::reverse_copy(end - 1 - lead_, end - 1, end);
    } else {
        std::fill_n(end, lead_, 0.0F);
    }
    filled_ += lead_;
}

}  // namespace earmark::features
