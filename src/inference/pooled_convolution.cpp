#include "inference/pooled_convolution.hpp"

#include <algorithm>

#include "inference/pooled_convolution_kernels.hpp"

namespace earmark {

namespace {

constexpr std::int64_t values = PooledConvolution::Work::taps + 1;

}  // namespace

std::int64_t PooledConvolution::lanes() {
    return pooled_convolution_kernels().lanes;
}

bool PooledConvolution::fits(const Layer& convolution, const Layer& pool) {
    if (convolution.kind != LayerKind::convolution || pool.kind != LayerKind::max_pool) return false;
    if (convolution.input[0] != 1 || !convolution.relu || !convolution.bias) return false;
    for (int axis = 0; axis < 2; ++axis) {
        if (convolution.kernel[axis] != 3 || convolution.pad_before[axis] != 0 || convolution.pad_after[axis] != 0) {
            return false;
        }
        if (pool.stride[axis] > pool.kernel[axis]) return false;
    }
    return pool.kernel[0] * pool.kernel[1] < Work::none && (lanes() == 8 || lanes() == 16);
}

PooledConvolution::PooledConvolution(const Layer& convolution, const Layer& pool, std::int64_t batch, bool training,
                                     int threads)
    : kernels_(pooled_convolution_kernels()), filters_(convolution.output[0]) {
    work_.rows = convolution.input[1];
    work_.columns = convolution.input[2];
    work_.blocks = (filters_ + kernels_.lanes - 1) / kernels_.lanes;
    work_.pool = pool;
    work_.weights.resize(work_.blocks * values * kernels_.lanes);
    if (training) work_.winners.resize(batch * work_.blocks * pool.output[1] * pool.output[2] * kernels_.lanes);
    const std::int64_t shares = std::clamp<std::int64_t>(threads, 1, batch);
    for (std::int64_t i = 0; i < shares; ++i) {
        Share& share = shares_.emplace_back();
        share.first = batch * i / shares;
        share.count = batch * (i + 1) / shares - share.first;
        share.lines.resize(pool.kernel[0] * pool.input[2] * kernels_.lanes);
        if (training) share.sums.resize(work_.weights.size());
    }
}

void PooledConvolution::set_weights(const float* weight, const float* bias) {
    for (std::int64_t filter = 0; filter < filters_; ++filter) {
        float* to = work_.weights.data() + filter / kernels_.lanes * values * kernels_.lanes + filter % kernels_.lanes;
        for (std::int64_t tap = 0; tap < Work::taps; ++tap)
            to[tap * kernels_.lanes] = weight[filter * Work::taps + tap];
        to[Work::taps * kernels_.lanes] = bias[filter];
    }
}

void PooledConvolution::forward(const float* input, float* output) {
    const auto count = static_cast<int>(shares_.size());
#pragma omp parallel for num_threads(count) if (count > 1) schedule(static, 1)
    for (int i = 0; i < count; ++i) kernels_.forward(work_, shares_[i], input, output);
}

void PooledConvolution::backward(const float* input, const float* output_gradient, float* weight, float* bias) {
    const auto count = static_cast<int>(shares_.size());
#pragma omp parallel for num_threads(count) if (count > 1) schedule(static, 1)
    for (int i = 0; i < count; ++i) kernels_.backward(work_, shares_[i], input, output_gradient);
    AlignedVector<float>& total = shares_.front().sums;
    for (int i = 1; i < count; ++i) {
        for (std::size_t k = 0; k < total.size(); ++k) total[k] += shares_[i].sums[k];
    }
    for (std::int64_t filter = 0; filter < filters_; ++filter) {
        const float* from = total.data() + filter / kernels_.lanes * values * kernels_.lanes + filter % kernels_.lanes;
        for (std::int64_t tap = 0; tap < Work::taps; ++tap)
            weight[filter * Work::taps + tap] = from[tap * kernels_.lanes];
        bias[filter] = from[Work::taps * kernels_.lanes];
    }
}

}  // namespace earmark
