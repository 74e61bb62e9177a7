#include "inference/layers/winograd_convolution.hpp"

#include <algorithm>

#include "inference/kernels/winograd_convolution_kernels.hpp"

namespace earmark::inference {

namespace {

constexpr std::int64_t fewest_channels = 16;
/// What the tiles of a group may take, in floats: about what a core's second-level cache holds.
constexpr std::int64_t group_values = std::int64_t{1} << 18;
constexpr std::int64_t tiles_at_a_time = 4;  // in the kernels' products

std::int64_t tiles(std::int64_t size) {
    return (size + WinogradConvolution::Work::step - 1) / WinogradConvolution::Work::step;
}

}  // namespace

std::int64_t WinogradConvolution::lanes() {
    return winograd_convolution_kernels().lanes;
}

bool WinogradConvolution::fits(const model::Layer& layer) {
    if (layer.kind != model::LayerKind::convolution || layer.groups != 1) return false;
    if (layer.stride[0] != 1 || layer.stride[1] != 1) return false;
    if (layer.kernel[0] != 3 || layer.kernel[1] != 3 || (lanes() != 8 && lanes() != 16)) return false;
    return std::ranges::all_of(std::initializer_list<std::int64_t>{layer.input[0], layer.output[0]},
                               [](std::int64_t count) { return count >= fewest_channels && count % lanes() == 0; });
}

WinogradConvolution::WinogradConvolution(const model::Layer& layer, std::int64_t batch, bool training, int threads)
    : kernels_(winograd_convolution_kernels()) {
    work_.layer = layer;
    work_.channels = layer.input[0];
    work_.filters = layer.output[0];
    work_.tile_rows = tiles(layer.output[1]);
    work_.tile_columns = tiles(layer.output[2]);
    const std::int64_t of_a_tile = Work::points * (work_.channels + work_.filters);
    work_.group = std::max<std::int64_t>(group_values / of_a_tile / tiles_at_a_time, 1) * tiles_at_a_time;
    const std::int64_t values = Work::points * work_.channels * work_.filters;
    work_.weights = std::make_shared<Weights>();
    if (training) work_.weights->transposed.resize(values);
    shares_ = shares_of<Share>(batch, threads);
    for (Share& share : shares_) {
        if (!training) continue;
        share.sums.resize(values);
        share.bias.resize(work_.filters);
    }
}

void WinogradConvolution::set_weights(const float* weight, const float* bias) {
    work_.weights->values.resize(Work::points * work_.channels * work_.filters);
    work_.weights->bias.resize(work_.filters);
    kernels_.transform_weights(work_, weight);
    if (bias != nullptr) std::copy_n(bias, work_.filters, work_.weights->bias.begin());
}

std::int64_t WinogradConvolution::tile_values() const {
    return std::ssize(shares_) * Work::points * work_.group * (work_.channels + work_.filters);
}

void WinogradConvolution::divide(float* tiles) {
    const std::int64_t points = Work::points * work_.group;
    for (Share& share : shares_) {
        share.inputs = tiles;
        share.outputs = tiles + points * work_.channels;
        tiles = share.outputs + points * work_.filters;
    }
}

void WinogradConvolution::forward(const float* input, float* output, float* tiles) {
    divide(tiles);
    for_each_share(shares_, [&](Share& share) { kernels_.forward(work_, share, input, output); });
}

void WinogradConvolution::backward(const float* input, const float* output_gradient, float* input_gradient,
                                   float* weight, float* bias, float* tiles) {
    divide(tiles);
    for_each_share(shares_,
                   [&](Share& share) { kernels_.backward(work_, share, input, output_gradient, input_gradient); });
    kernels_.transform_gradients(work_, total_of(shares_, &Share::sums), weight);
    if (bias != nullptr) std::copy_n(total_of(shares_, &Share::bias), work_.filters, bias);
}

}  // namespace earmark::inference
