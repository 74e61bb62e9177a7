#include "model/architectures/choi.hpp"

#include <algorithm>
#include <cmath>

namespace earmark::model {

namespace {

constexpr std::int64_t most_parameters = 1'000'000'000;
constexpr std::int64_t most_padding = 1 << 16;

}  // namespace

void ChoiWidths::read(OptionReader& options, const char* others_key) {
    options.widths("filters", filters, filters.size());
    if (!others.empty()) options.widths(others_key, others, others.size());
    options.width("parameters", parameters, 0, most_parameters);
}

void ChoiWidths::build(LayerBuilder& layers, const Build& build) const {
    if (parameters == 0) return build(layers, *this);
    const auto count = [&](double factor) {
        LayerBuilder trial = layers.fresh();
        build(trial, times(factor));
        return trainable_parameters(trial.finish());
    };
    double below = 0.0;
    double above = 1.0;
    while (count(above) <= parameters) above *= 2.0;
    constexpr double exact = 1e-4;
    while (above - below > exact * above) {
        const double middle = 0.5 * (below + above);
        (count(middle) <= parameters ? below : above) = middle;
    }
    build(layers, times(below));
}

ChoiWidths ChoiWidths::times(double factor) const {
    ChoiWidths result = *this;
    for (auto* const widths : {&result.filters, &result.others}) {
        for (std::int64_t& width : *widths)
            width = std::max<std::int64_t>(std::llround(static_cast<double>(width) * factor), 1);
    }
    return result;
}

void ChoiBlocks::read(OptionReader& options, std::size_t blocks) {
    options.pools("pools", pools, blocks);
    options.rate("block_dropout", block_dropout);
    options.number("epsilon", epsilon, 1e-12, 1.0);
    options.flag("frame_norm", frame_norm);
    options.width("pad_frames", pad_frames, 0, most_padding);
}

void ChoiBlocks::add(LayerBuilder& layers, const std::vector<std::int64_t>& filters) const {
    if (pad_frames > 0) layers.pad_frames(static_cast<int>(pad_frames), static_cast<int>(pad_frames));
    if (frame_norm) layers.batch_norm("frame_norm", false, epsilon);
    layers.image();
    for (std::size_t i = 0; i < filters.size(); ++i) {
        layers.padded_convolution(fmt::format("convolution{}", i + 1), filters[i]);
        end_choi_block(layers, i + 1, pools[i], block_dropout, epsilon);
    }
}

void end_choi_block(LayerBuilder& layers, std::size_t number, PoolSize pool, double dropout, double epsilon) {
    layers.batch_norm(fmt::format("norm{}", number), false, epsilon);
    layers.pool(LayerKind::max_pool, fmt::format("the pool of block {}", number), pool.frames, pool.coefficients);
    layers.elu();
    layers.dropout(dropout);
}

}  // namespace earmark::model
