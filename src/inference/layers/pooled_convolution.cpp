#include "inference/layers/pooled_convolution.hpp"

#include "inference/kernels/pooled_convolution_kernels.hpp"

namespace earmark::inference {

namespace {

constexpr std::int64_t values = PooledConvolution::Work::taps + 1;

}  // namespace

std::int64_t PooledConvolution::lanes() {
    return pooled_convolution_kernels().lanes;
}

bool PooledConvolution::fits(const model::Layer& convolution, const model::Layer& pool) {
    if (convolution.kind != model::LayerKind::convolution || pool.kind != model::LayerKind::max_pool) return false;
    if (convolution.input[0] != 1 || !convolution.relu || !convolution.bias) return false;
    for (int axis = 0; axis < 2; ++axis) {
        if (convolution.kernel[axis] != 3 || convolution.pad_before[axis] != 0 || convolution.pad_after[axis] != 0) {
            return false;
        }
        if (convolution.stride[axis] != 1 || pool.stride[axis] > pool.kernel[axis]) return false;
    }
    return pool.kernel[0] * pool.kernel[1] < Work::none && (lanes() == 8 || lanes() == 16);
}

PooledConvolution::PooledConvolution(const model::Layer& convolution, const model::Layer& pool, std::int64_t batch,
                                     bool training, int threads)
    : kernels_(pooled_convolution_kernels()), filters_(convolution.output[0]) {
    work_.rows = convolution.input[1];
    work_.columns = convolution.input[2];
    work_.blocks = (filters_ + kernels_.lanes - 1) / kernels_.lanes;
    work_.pool = pool;
    work_.weights = std::make_shared<Weights>();
    if (training) work_.winners.resize(batch * work_.blocks * pool.output[1] * pool.output[2] * kernels_.lanes);
    shares_ = shares_of<Share>(batch, threads);
    for (Share& share : shares_) {
        share.lines.resize(pool.kernel[0] * pool.input[2] * kernels_.lanes);
        if (training) share.sums.resize(work_.blocks * values * kernels_.lanes);
    }
}

void PooledConvolution::set_weights(const float* weight, const float* bias) {
    work_.weights->resize(work_.blocks * values * kernels_.lanes);
    for (std::int64_t filter = 0; filter < filters_; ++filter) {
        float* to = work_.weights->data() + filter / kernels_.lanes * values * kernels_.lanes + filter % kernels_.lanes;
        for (std::int64_t tap = 0; tap < Work::taps; ++tap)
            to[tap * kernels_.lanes] = weight[filter * Work::taps + tap];
        to[Work::taps * kernels_.lanes] = bias[filter];
    }
}

void PooledConvolution::forward(const float* input, float* output) {
    for_each_share(shares_, [&](Share& share) { kernels_.forward(work_, share, input, output); });
}

void PooledConvolution::backward(const float* input, const float* output_gradient, float* weight, float* bias) {
    for_each_share(shares_, [&](Share& share) { kernels_.backward(work_, share, input, output_gradient); });
    const float* const total = total_of(shares_, &Share::sums);
    for (std::int64_t filter = 0; filter < filters_; ++filter) {
        const float* from = total + filter / kernels_.lanes * values * kernels_.lanes + filter % kernels_.lanes;
        for (std::int64_t tap = 0; tap < Work::taps; ++tap)
            weight[filter * Work::taps + tap] = from[tap * kernels_.lanes];
        bias[filter] = from[Work::taps * kernels_.lanes];
    }
}

}  // namespace earmark::inference
