#include "inference/layers/lstm.hpp"

#include <algorithm>

#include "inference/kernels/lstm_kernels.hpp"

namespace earmark::inference {

namespace {

constexpr std::int64_t gates = 4;
// Gate gradients of so many examples and frames of one block of units fit the smallest cache beside the rest.
constexpr std::int64_t examples_a_pass = 96;

std::int64_t in_tiles(std::int64_t values, std::int64_t tile) {
    return (values + tile - 1) / tile * tile;
}

}  // namespace

Lstm::Lstm(const Sizes& sizes, bool training, int threads) : kernels_(lstm_kernels()) {
    const auto lanes = static_cast<std::int64_t>(kernels_.lanes);
    const std::int64_t tile = gates * lanes;
    work_.sizes = sizes;
    work_.training = training;
    work_.blocks = (sizes.units + lanes - 1) / lanes;
    work_.columns = work_.blocks * tile;
    const std::int64_t cells = sizes.batch * work_.blocks * lanes;
    work_.weights = std::make_shared<Weights>();
    work_.cells.resize(training ? sizes.frames * cells : cells);
    if (training) {
        work_.gates.resize(sizes.frames * sizes.batch * work_.columns);
    }
    shares_ = shares_of<Share>(sizes.batch, threads);
    for (Share& share : shares_) {
        if (!training) continue;
        share.frames_a_pass = std::clamp<std::int64_t>(examples_a_pass / share.count, 1, sizes.frames);
        share.gate_gradients.resize(share.frames_a_pass * share.count * work_.columns);
        share.state_gradients.resize(share.count * in_tiles(sizes.units, tile));
        share.cell_gradients.resize(share.count * work_.blocks * lanes);
        share.weight_sums.resize((sizes.width + sizes.units) * work_.columns);
        share.bias_sums.resize(work_.columns);
    }
}

template <typename Use>
void Lstm::for_each_column(Use use) const {
    const auto lanes = static_cast<std::int64_t>(kernels_.lanes);
    for (std::int64_t unit = 0; unit < work_.sizes.units; ++unit) {
        for (std::int64_t gate = 0; gate < gates; ++gate) {
            const std::int64_t block = unit / lanes;
            use(gate * work_.sizes.units + unit, block, gate * lanes + unit % lanes);
        }
    }
}

void Lstm::set_weights(const float* input_weight, const float* recurrent_weight, const float* bias) {
    const auto tile = gates * static_cast<std::int64_t>(kernels_.lanes);
    const auto& [batch, frames, width, units] = work_.sizes;
    Weights& weights = *work_.weights;
    weights.values.resize(work_.columns * (width + units));
    weights.bias.resize(work_.columns);
    if (work_.training) {
        weights.input_back.resize(work_.columns * in_tiles(width, tile));
        weights.state_back.resize(work_.columns * in_tiles(units, tile));
    }
    for_each_column([&](std::int64_t row, std::int64_t block, std::int64_t place) {
        float* column = weights.values.data() + block * (width + units) * tile + place;
        const float* from_input = input_weight + row * width;
        const float* from_state = recurrent_weight + row * units;
        for (std::int64_t k = 0; k < width; ++k) column[k * tile] = from_input[k];
        for (std::int64_t k = 0; k < units; ++k) column[(width + k) * tile] = from_state[k];
        weights.bias[block * tile + place] = bias[row];
        if (!work_.training) return;
        const auto lay = [&](const float* from, std::int64_t count, base::AlignedVector<float>& back) {
            float* to = back.data() + (block * tile + place) * tile;
            for (std::int64_t k = 0; k < count; k += tile) {
                std::copy_n(from + k, std::min(tile, count - k), to + k * work_.columns);
            }
        };
        lay(from_input, width, weights.input_back);
        lay(from_state, units, weights.state_back);
    });
}

void Lstm::forward(const float* input, float* states) {
    for_each_share(shares_, [&](Share& share) { kernels_.forward(work_, share, input, states); });
}

void Lstm::backward(const float* input, const float* states, const Gradients& gradients) {
    for_each_share(shares_, [&](Share& share) { kernels_.backward(work_, share, input, states, gradients); });
    const float* const weight_sums = total_of(shares_, &Share::weight_sums);
    const float* const bias_sums = total_of(shares_, &Share::bias_sums);
    const auto tile = gates * static_cast<std::int64_t>(kernels_.lanes);
    const auto& [batch, frames, width, units] = work_.sizes;
    for_each_column([&](std::int64_t row, std::int64_t block, std::int64_t place) {
        const float* from = weight_sums + block * (width + units) * tile + place;
        for (std::int64_t k = 0; k < width; ++k) gradients.input_weight[row * width + k] = from[k * tile];
        from += width * tile;
        for (std::int64_t k = 0; k < units; ++k) gradients.recurrent_weight[row * units + k] = from[k * tile];
        gradients.bias[row] = bias_sums[block * tile + place];
    });
}

}  // namespace earmark::inference
