#include "inference/layers/channel_scale.hpp"

#include "inference/kernels/channel_scale_kernels.hpp"

namespace earmark::inference {

std::int64_t ChannelScale::lanes() {
    return channel_scale_kernels().lanes;
}

ChannelScale::ChannelScale(std::int64_t batch, std::int64_t channels, std::int64_t pixels, int threads)
    : kernels_(channel_scale_kernels()),
      planes_(batch * ((channels + kernels_.lanes - 1) / kernels_.lanes)),
      pixels_(pixels),
      threads_(threads) {}

void ChannelScale::forward(const float* image, const float* factors, float* output) const {
    const std::int64_t size = pixels_ * kernels_.lanes;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1) schedule(static)
    for (std::int64_t i = 0; i < planes_; ++i) {
        kernels_.forward(pixels_, image + i * size, factors + i * kernels_.lanes, output + i * size);
    }
}

void ChannelScale::backward(const float* image, const float* factors, const float* output_gradient,
                            float* image_gradient, float* factor_gradient) const {
    const std::int64_t size = pixels_ * kernels_.lanes;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1) schedule(static)
    for (std::int64_t i = 0; i < planes_; ++i) {
        kernels_.backward(pixels_, image + i * size, factors + i * kernels_.lanes, output_gradient + i * size,
                          image_gradient + i * size, factor_gradient + i * kernels_.lanes);
    }
}

}  // namespace earmark::inference
