#include "inference/first_convolution.hpp"

#include <algorithm>

#include "inference/first_convolution_kernels.hpp"

namespace earmark {

namespace {

constexpr std::int64_t taps = 9;

}  // namespace

std::int64_t FirstConvolution::lanes() {
    return first_convolution_kernels().lanes;
}

bool FirstConvolution::fits(const Layer& layer) {
    return layer.kind == LayerKind::convolution && layer.input[0] == 1 && !layer.bias && layer.kernel[0] == 3 &&
           layer.kernel[1] == 3 && layer.output[0] % lanes() == 0 && (lanes() == 8 || lanes() == 16);
}

FirstConvolution::FirstConvolution(const Layer& layer, std::int64_t batch, int threads) : layer_(layer) {
    const std::int64_t shares = std::clamp<std::int64_t>(threads, 1, batch);
    for (std::int64_t i = 0; i < shares; ++i) {
        Share& share = shares_.emplace_back();
        share.first = batch * i / shares;
        share.count = batch * (i + 1) / shares - share.first;
        share.image.resize((layer.output[1] + 2) * (layer.output[2] + 2));
        share.sums.resize(layer.output[0] * taps);
    }
}

void FirstConvolution::backward(const float* input, const float* output_gradient, float* weight) {
    const auto count = static_cast<int>(shares_.size());
#pragma omp parallel for num_threads(count) if (count > 1) schedule(static, 1)
    for (int i = 0; i < count; ++i) first_convolution_kernels().backward(layer_, shares_[i], input, output_gradient);
    for (std::int64_t filter = 0; filter < layer_.output[0]; ++filter) {
        for (std::int64_t tap = 0; tap < taps; ++tap) {
            const std::int64_t place = (filter / lanes() * taps + tap) * lanes() + filter % lanes();
            float sum = 0.0F;
            for (const Share& share : shares_) sum += share.sums[place];
            weight[filter * taps + tap] = sum;
        }
    }
}

}  // namespace earmark
