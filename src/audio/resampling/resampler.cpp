#include "audio/resampling/resampler.hpp"

#include <soxr.h>

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"

namespace earmark::audio {

Resampler::Resampler(int output_rate) : output_rate_(output_rate) {}
Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

void Resampler::Delete::operator()(soxr* state) const noexcept {
    soxr_delete(state);
}

void Resampler::open(int input_rate) {
    input_rate_ = input_rate;
    state_.reset();
    if (input_rate == output_rate_) return;
    const soxr_io_spec_t samples = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    soxr_error_t error = nullptr;
    state_.reset(soxr_create(input_rate, output_rate_, 1, &error, &samples, &quality, &runtime));
    if (error != nullptr || !state_) {
        base::fail(ErrorCode::internal, "libsoxr cannot bring {} to {} samples per second: {}.", input_rate,
                   output_rate_, error != nullptr ? error : "out of memory");
    }
}

/// Feeds `count` samples, or with none of them ends the stream, and appends what comes out to out_.
void Resampler::run(const float* samples, std::size_t count) {
    const std::size_t step =
        64 + static_cast<std::size_t>(std::ceil(static_cast<double>(count) * output_rate_ / input_rate_));
    for (;;) {
        if (out_.size() < ready_ + step) out_.resize(ready_ + step);
        std::size_t taken = 0;
        std::size_t made = 0;
        const soxr_error_t error = soxr_process(state_.get(), samples, count, samples == nullptr ? nullptr : &taken,
                                                out_.data() + ready_, out_.size() - ready_, &made);
        if (error != nullptr) base::fail(ErrorCode::internal, "libsoxr failed: {}.", error);
        ready_ += made;
        if (samples != nullptr) {
            samples += taken;
            count -= taken;
        }
        if (count == 0 && ready_ < out_.size()) return;  // room left: nothing more is ready
    }
}

void Resampler::drain() {
    if (state_) run(nullptr, 0);
    state_.reset();
    input_rate_ = 0;
}

std::span<const float> Resampler::process(std::span<const float> samples, int input_rate) {
    ready_ = 0;
    if (samples.empty()) return {};
    if (input_rate != input_rate_) {
        drain();
        open(input_rate);
    }
    if (state_) {
        run(samples.data(), samples.size());
        return {out_.data(), ready_};
    }
    if (ready_ == 0) return samples;
    // The tail of another rate comes first.
    out_.resize(std::max(out_.size(), ready_ + samples.size()));
    std::copy(samples.begin(), samples.end(), out_.begin() + static_cast<std::ptrdiff_t>(ready_));
    ready_ += samples.size();
    return {out_.data(), ready_};
}

std::span<const float> Resampler::finish() {
    ready_ = 0;
    drain();
    return {out_.data(), ready_};
}

void Resampler::restart() noexcept {
    state_.reset();
    input_rate_ = 0;
}

}  // namespace earmark::audio
