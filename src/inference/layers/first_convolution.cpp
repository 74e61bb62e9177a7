#include "inference/layers/first_convolution.hpp"

#include "inference/kernels/first_convolution_kernels.hpp"

namespace earmark::inference {

namespace {

constexpr std::int64_t taps = 9;

}  // namespace

std::int64_t FirstConvolution::lanes() {
    return first_convolution_kernels().lanes;
}

bool FirstConvolution::fits(const model::Layer& layer) {
    return layer.kind == model::LayerKind::convolution && layer.input[0] == 1 && !layer.bias && layer.kernel[0] == 3 &&
           layer.kernel[1] == 3 && layer.stride[0] == 1 && layer.stride[1] == 1 && layer.output[0] % lanes() == 0 &&
           (lanes() == 8 || lanes() == 16);
}

FirstConvolution::FirstConvolution(const model::Layer& layer, std::int64_t batch, int threads) : layer_(layer) {
    shares_ = shares_of<Share>(batch, threads);
    for (Share& share : shares_) {
        share.image.resize((layer.output[1] + 2) * (layer.output[2] + 2));
        share.sums.resize(layer.output[0] * taps);
    }
}

void FirstConvolution::backward(const float* input, const float* output_gradient, float* weight) {
    for_each_share(shares_,
                   [&](Share& share) { first_convolution_kernels().backward(layer_, share, input, output_gradient); });
    const float* const total = total_of(shares_, &Share::sums);
    for (std::int64_t filter = 0; filter < layer_.output[0]; ++filter) {
        for (std::int64_t tap = 0; tap < taps; ++tap) {
            const std::int64_t place = (filter / lanes() * taps + tap) * lanes() + filter % lanes();
            weight[filter * taps + tap] = total[place];
        }
    }
}

}  // namespace earmark::inference
