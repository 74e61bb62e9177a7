#pragma once

#include <functional>
#include <vector>

#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

/// Widths of the layers of one of the networks that Choi, Fazekas, Sandler and Cho compared at equal numbers of
/// parameters ("Convolutional recurrent neural networks for music classification", ICASSP 2017).
struct ChoiWidths {
    std::vector<std::int64_t> filters;  ///< of the convolutions
    std::vector<std::int64_t> others;   ///< of the dense or recurrent layers
    /// All widths are multiplied by one factor, so that the network has as many trainable values as it can without
    /// having more than these; 0: the widths are as they stand.
    std::int64_t parameters = 0;

    /// @param others_key  the option that holds `others`
    void read(OptionReader& options, const char* others_key);

    using Build = std::function<void(LayerBuilder& layers, const ChoiWidths& widths)>;
    /// Builds with these widths.
    void build(LayerBuilder& layers, const Build& build) const;

  private:
    ChoiWidths times(double factor) const;
};

/// What the networks with kernels of 3 × 3 share: blocks of a convolution, batch norm, a pool, ELU and dropout.
struct ChoiBlocks {
    std::vector<PoolSize> pools;  ///< one a block
    double block_dropout = 0.0;
    double epsilon = 1e-3;        ///< of all norms
    bool frame_norm = false;      ///< batch norm of each frame of the input first
    std::int64_t pad_frames = 0;  ///< of zeros at both ends of the input

    void read(OptionReader& options, std::size_t blocks);
    void add(LayerBuilder& layers, const std::vector<std::int64_t>& filters) const;
};

/// Batch norm, a pool, ELU and dropout behind the convolution of block `number`. ELU never falls, so the largest of a
/// pool is the largest after it, too: this order is less work.
void end_choi_block(LayerBuilder& layers, std::size_t number, PoolSize pool, double dropout, double epsilon);

}  // namespace earmark::model
