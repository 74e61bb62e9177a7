#include "inference/layers/frame_convolution.hpp"

#include "inference/kernels/frame_convolution_kernels.hpp"

namespace earmark::inference {

bool FrameConvolution::fits(const model::Layer& layer) {
    if (layer.kind != model::LayerKind::convolution || layer.groups != 1) return false;
    if (layer.input[2] != 1 || layer.output[2] != 1 || layer.kernel[0] == 1 || layer.kernel[1] != 1) return false;
    return layer.stride[0] == 1 && layer.stride[1] == 1;
}

FrameConvolution::FrameConvolution(const model::Layer& layer, std::int64_t batch, int threads) {
    const FrameConvolutionKernels& kernels = frame_convolution_kernels();
    work_.layer = layer;
    work_.depth = layer.kernel[0] * layer.input[0];
    work_.blocks = (layer.output[0] + kernels.filters - 1) / kernels.filters;
    work_.weights = std::make_shared<Weights>();
    const std::int64_t frames = (layer.output[1] + kernels.frames - 1) / kernels.frames * kernels.frames;
    shares_ = shares_of<Share>(batch, threads);
    for (Share& share : shares_) {
        share.image.resize((frames + layer.kernel[0] - 1) * layer.input[0]);
        share.sums.resize(frames * kernels.filters);
    }
}

void FrameConvolution::set_weights(const float* weight, const float* bias) {
    const std::int64_t block = frame_convolution_kernels().filters;
    const std::int64_t channels = work_.layer.input[0];
    const std::int64_t frames = work_.layer.kernel[0];
    work_.weights->assign(work_.blocks * (work_.depth + 1) * block, 0.0F);
    for (std::int64_t filter = 0; filter < work_.layer.output[0]; ++filter) {
        float* const to = work_.weights->data() + filter / block * (work_.depth + 1) * block + filter % block;
        for (std::int64_t channel = 0; channel < channels; ++channel)
            for (std::int64_t frame = 0; frame < frames; ++frame)
                to[(frame * channels + channel) * block] = weight[(filter * channels + channel) * frames + frame];
        if (bias != nullptr) to[work_.depth * block] = bias[filter];
    }
}

void FrameConvolution::forward(const float* input, float* output) {
    for_each_share(shares_, [&](Share& share) { frame_convolution_kernels().forward(work_, share, input, output); });
}

}  // namespace earmark::inference
