#include "inference/layers/wide_convolution.hpp"

#include <algorithm>
#include <dnnl.hpp>
#include <numeric>

namespace earmark::inference {

namespace {

constexpr std::int64_t products_at_a_time = 512;

}  // namespace

bool WideConvolution::fits(const model::Layer& layer) {
    if (layer.kind != model::LayerKind::convolution || layer.input[0] != 1) return false;
    if (layer.stride[0] != 1 || layer.stride[1] != 1) return false;
    return layer.kernel[0] != 3 || layer.kernel[1] != 3;
}

WideConvolution::WideConvolution(const model::Layer& layer, std::int64_t batch)
    : layer_(layer),
      batch_(batch),
      rows_at_a_time_(std::clamp<std::int64_t>(products_at_a_time / layer.output[2], 1, layer.output[1])) {
    taps_.resize(rows_at_a_time_ * layer.output[2] * layer.kernel[0] * layer.kernel[1]);
}

/// Lays the values under the kernel side by side, for some rows of the output.
void WideConvolution::spread(const float* image, std::int64_t first, std::int64_t count) {
    const std::int64_t width = layer_.input[2];
    float* to = taps_.data();
    for (std::int64_t row = first; row < first + count; ++row)
        for (std::int64_t column = 0; column < layer_.output[2]; ++column)
            for (std::int64_t i = 0; i < layer_.kernel[0]; ++i, to += layer_.kernel[1]) {
                const std::int64_t y = row + i - layer_.pad_before[0];
                const std::int64_t x = column - layer_.pad_before[1];
                std::fill_n(to, layer_.kernel[1], 0.0F);
                if (y < 0 || y >= layer_.input[1]) continue;
                const std::int64_t begin = std::max<std::int64_t>(x, 0);
                const std::int64_t end = std::min<std::int64_t>(x + layer_.kernel[1], width);
                if (begin < end) std::copy_n(image + y * width + begin, end - begin, to + (begin - x));
            }
}

void WideConvolution::backward(const float* input, const float* output_gradient, float* weight, float* bias) {
    const std::int64_t filters = layer_.output[0];
    const std::int64_t plane = layer_.output[1] * layer_.output[2];
    const std::int64_t taps = layer_.kernel[0] * layer_.kernel[1];
    std::fill_n(weight, filters * taps, 0.0F);
    if (bias != nullptr) std::fill_n(bias, filters, 0.0F);
    for (std::int64_t n = 0; n < batch_; ++n) {
        const float* const image = input + n * layer_.input[1] * layer_.input[2];
        const float* const gradient = output_gradient + n * filters * plane;
        for (std::int64_t row = 0; row < layer_.output[1]; row += rows_at_a_time_) {
            const std::int64_t count = std::min(rows_at_a_time_, layer_.output[1] - row);
            spread(image, row, count);
            dnnl::sgemm('N', 'N', filters, taps, count * layer_.output[2], 1.0F, gradient + row * layer_.output[2],
                        plane, taps_.data(), taps, 1.0F, weight, taps);
        }
        if (bias == nullptr) continue;
        for (std::int64_t filter = 0; filter < filters; ++filter)
            bias[filter] += std::accumulate(gradient + filter * plane, gradient + (filter + 1) * plane, 0.0F);
    }
}

}  // namespace earmark::inference
