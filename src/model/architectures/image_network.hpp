#pragma once

#include <vector>

#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

/// What is subtracted from a segment: nothing, its mean, or the mean over time of each band.
enum class Centre { none, segment, bands };

constexpr auto enum_table(Centre) {
    return std::array{base::EnumName{Centre::none, "none"}, base::EnumName{Centre::segment, "segment"},
                      base::EnumName{Centre::bands, "bands"}};
}

/// How the image that the blocks leave becomes a vector.
enum class Pooling {
    average,     ///< the mean of each channel
    bands,       ///< the mean over time of each channel and band
    statistics,  ///< mean and deviation over time of each channel
    attention,   ///< the mean over time, in learned shares
};

constexpr auto enum_table(Pooling) {
    return std::array{base::EnumName{Pooling::average, "average"}, base::EnumName{Pooling::bands, "bands"},
                      base::EnumName{Pooling::statistics, "statistics"},
                      base::EnumName{Pooling::attention, "attention"}};
}

/// What networks share that take a segment as an image and halve it in blocks.
struct ImageOptions {
    std::vector<std::int64_t> filters;  ///< one a block
    std::vector<PoolSize> pools;        ///< one a block; a single default is that of all blocks
    double dropout = 0.3;
    double block_dropout = 0.0;
    bool halve_bands = false;
    Centre centre = Centre::none;

    void read(OptionReader& options);
    /// The image that the blocks begin with.
    void add_image(LayerBuilder& layers) const;
};

/// From the image that the blocks leave to a vector, and what comes before the output.
struct HeadOptions {
    Pooling pooling = Pooling::average;
    std::int64_t dense = 0;  ///< width of the dense layer; 0: none

    void read(OptionReader& options);
    void add(LayerBuilder& layers) const;
};

}  // namespace earmark::model
