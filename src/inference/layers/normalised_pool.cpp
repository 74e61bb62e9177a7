#include "inference/layers/normalised_pool.hpp"

#include <cmath>

#include "inference/kernels/normalised_pool_kernels.hpp"

namespace earmark::inference {

namespace {

constexpr std::int64_t factors = 4;  // of a block

}  // namespace

std::int64_t NormalisedPool::lanes() {
    return normalised_pool_kernels().lanes;
}

bool NormalisedPool::fits(const model::Layer& norm, const model::Layer& pool) {
    if (norm.kind != model::LayerKind::batch_norm || !norm.relu || pool.kind != model::LayerKind::max_pool)
        return false;
    for (int axis = 0; axis < 2; ++axis) {
        if (pool.kernel[axis] != pool.stride[axis] || pool.pad_before[axis] != 0) return false;
        if (pool.output[1 + axis] * pool.kernel[axis] > pool.input[1 + axis]) return false;
    }
    return pool.kernel[0] * pool.kernel[1] < Work::none;
}

NormalisedPool::NormalisedPool(const model::Layer& norm, const model::Layer& pool, std::int64_t batch, int threads)
    : kernels_(normalised_pool_kernels()), channels_(norm.input[0]), epsilon_(norm.epsilon) {
    work_.batch = batch;
    work_.blocks = (channels_ + kernels_.lanes - 1) / kernels_.lanes;
    work_.pool = pool;
    const std::int64_t values = batch * work_.blocks * pool.output[1] * pool.output[2] * kernels_.lanes;
    work_.winners.resize(values);
    work_.normalised.resize(values);
    work_.factors.resize(work_.blocks * factors * kernels_.lanes);
    mean_.resize(work_.blocks * kernels_.lanes);
    deviation_.resize(mean_.size());
    shares_ = shares_of<Share>(batch, threads);
    for (Share& share : shares_) {
        share.sums.resize(share.count * work_.blocks * 2 * kernels_.lanes);
    }
}

void NormalisedPool::forward(const float* input, const float* scale, const float* shift, float* mean, float* variance,
                             float* output) {
    const std::int64_t plane = work_.pool.input[1] * work_.pool.input[2];
    const std::int64_t width = work_.blocks * 2 * kernels_.lanes;
    for_each_share(shares_, [&](Share& share) {
        for (std::int64_t i = 0; i < share.count * work_.blocks; ++i) {
            kernels_.moments(work_, input + (share.first * work_.blocks + i) * plane * kernels_.lanes,
                             share.sums.data() + i * 2 * kernels_.lanes);
        }
    });
    // Chan, Golub & LeVeque 1979: moments of parts make those of the whole.
    const auto examples = static_cast<double>(work_.batch);
    const auto values = examples * static_cast<double>(plane);
    for (std::int64_t channel = 0; channel < channels_; ++channel) {
        const std::int64_t block = channel / kernels_.lanes;
        const std::int64_t lane = channel % kernels_.lanes;
        const auto for_each_example = [&](const auto& use) {
            for (const Share& share : shares_) {
                for (std::int64_t n = 0; n < share.count; ++n) {
                    const float* sums = share.sums.data() + n * width + block * 2 * kernels_.lanes + lane;
                    use(static_cast<double>(sums[0]), static_cast<double>(sums[kernels_.lanes]));
                }
            }
        };
        double average = 0.0;
        for_each_example([&](double of_example, double) { average += of_example / examples; });
        double squares = 0.0;
        for_each_example([&](double of_example, double distances) {
            squares += distances + static_cast<double>(plane) * (of_example - average) * (of_example - average);
        });
        mean_[channel] = average;
        deviation_[channel] = std::sqrt(squares / values + epsilon_);
        mean[channel] = static_cast<float>(average);
        variance[channel] = static_cast<float>(squares / values);
        float* to = work_.factors.data() + block * factors * kernels_.lanes + lane;
        to[0] = mean[channel];
        to[kernels_.lanes] = static_cast<float>(1.0 / deviation_[channel]);
        to[2 * kernels_.lanes] = scale[channel];
        to[3 * kernels_.lanes] = shift[channel];
    }
    for_each_share(shares_, [&](Share& share) { kernels_.forward(work_, share, input, output); });
}

void NormalisedPool::backward(const float* input, const float* scale, const float* output_gradient,
                              float* input_gradient, float* scale_gradient, float* shift_gradient) {
    for_each_share(shares_, [&](Share& share) { kernels_.sum_up(work_, share, output_gradient); });
    const auto values = static_cast<double>(work_.batch * work_.pool.input[1] * work_.pool.input[2]);
    for (std::int64_t channel = 0; channel < channels_; ++channel) {
        const std::int64_t block = channel / kernels_.lanes;
        const std::int64_t lane = channel % kernels_.lanes;
        double of_shift = 0.0;
        double of_scale = 0.0;
        for (const Share& share : shares_) {
            const float* sums = share.sums.data() + block * 2 * kernels_.lanes + lane;
            of_shift += static_cast<double>(sums[0]);
            of_scale += static_cast<double>(sums[kernels_.lanes]);
        }
        shift_gradient[channel] = static_cast<float>(of_shift);
        scale_gradient[channel] = static_cast<float>(of_scale);
        // scale / deviation · (gradient - mean of gradients - normalised · mean of gradient · normalised)
        const double rate = static_cast<double>(scale[channel]) / deviation_[channel];
        const double slope = -rate * of_scale / values / deviation_[channel];
        float* to = work_.factors.data() + block * factors * kernels_.lanes + lane;
        to[0] = static_cast<float>(rate);
        to[kernels_.lanes] = static_cast<float>(-rate * of_shift / values - slope * mean_[channel]);
        to[2 * kernels_.lanes] = static_cast<float>(slope);
    }
    for_each_share(shares_,
                   [&](Share& share) { kernels_.backward(work_, share, input, output_gradient, input_gradient); });
}

}  // namespace earmark::inference
