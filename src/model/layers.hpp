#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace earmark::model {

using Shape = std::vector<std::int64_t>;

/// What a layer does. Shapes are those of one example: channels × frames × coefficients for images, frames × values for
/// sequences, values for vectors.
enum class LayerKind {
    image,         ///< sequence → image with one channel
    pad,           ///< sequence → sequence, with `pad_before` and `pad_after` frames of zeros
    centre,        ///< sequence → sequence: less its mean over time of each value, or, if `whole`, of all values
    flatten,       ///< image or sequence → vector, in the order of its memory
    dense,         ///< vector → vector, W·x + b, then ReLU if `relu`
    convolution,   ///< image → image, with zeros around it as `pad_before` and `pad_after` say, then ReLU if `relu`;
                   ///< each of `groups` groups of channels is made from the same group of the input's
    max_pool,      ///< image → image; what pads it never wins
    average_pool,  ///< image → image, without padding
    average,       ///< image → vector: the mean of each channel
    statistics,    ///< sequence → vector: the mean over time of each value, then the deviation of each, which is
                   ///< sqrt(mean squared distance from the mean + `epsilon`)
    summary,     ///< sequence → image of one pixel, whose channels are: of each value its mean over time; of each two
                 ///< neighbouring values the difference of these means, the second's less the first's; of each value
                 ///< ln(mean absolute difference from frame to frame + `epsilon`); of each ln(deviation + `epsilon`)
    attention,   ///< sequence → vector: the mean over time, of which frame x[t] has the share softmax W·x[t]
    batch_norm,  ///< the same shape: per channel of an image, frame of a sequence or value of a vector, then ReLU if
                 ///< `relu`
    elu,         ///< the same shape: x where it is positive, exp(x) - 1 elsewhere
    concatenate,  ///< the output of the source, then those of `others`: images channel by channel, vectors end to end
    add,          ///< image → image: its sum with the output of the layer `second`, then ReLU if `relu`
    scale,     ///< vector → image: the output of the layer `second`, each channel times sigmoid(the vector's value)
    sequence,  ///< image → sequence of its frames, each channel by channel
    lstm,      ///< sequence → sequence of all states, or the vector of the last state
    gru,       ///< the same, of gated recurrent units, or of the older kind if `reset_first`
    dropout,   ///< training only
};

/// One layer of a network: the one description from which training and inference are both built. Layers stand in a
/// list, each after those whose outputs it takes; mostly that is the one before.
struct Layer {
    LayerKind kind = LayerKind::dense;
    std::string name;  ///< prefix of its tensors' names; empty if it has none
    int source = -1;   ///< place in the list of the layer whose output it takes; -1: the input of the network
    int second = -1;   ///< add, scale: place of the other layer whose output it takes
    std::vector<int> others = {};  ///< concatenate: places of the other layers whose outputs it takes
    Shape input;
    Shape output;
    bool relu = false;
    bool whole = false;          ///< centre
    bool bias = true;            ///< convolution
    int groups = 1;              ///< convolution
    int kernel[2] = {1, 1};      ///< convolution, max_pool, average_pool: frames, coefficients
    int stride[2] = {1, 1};      ///< convolution, max_pool, average_pool
    int pad_before[2] = {0, 0};  ///< convolution, max_pool, pad
    int pad_after[2] = {0, 0};   ///< the same: Keras puts the odd one after
    double epsilon = 0.0;        ///< batch_norm, statistics, summary
    double momentum = 0.0;       ///< batch_norm: share of the old running value that a step keeps, as in Keras
    bool all_states = false;     ///< lstm, gru
    bool reset_first = false;    ///< gru: the reset gate acts before the product with the state, and gates are clipped
                                 ///< lines (0.2 x + 0.5, from 0 to 1), as in Keras 1
    double rate = 0.0;           ///< dropout
    double l2 = 0.0;             ///< dense: weight of the squared kernel in the loss, as in Keras
};

/// A trainable or running tensor of a layer.
struct TensorSpec {
    std::string name;
    Shape shape;
};

/// The tensors that a layer keeps in the model file:
/// dense NAME.weight (out, in), NAME.bias (out) · convolution NAME.weight (out, in / groups, kernel, kernel), NAME.bias
/// (out) if it has one · batch_norm NAME.scale, .shift, .mean, .variance (one for each channel, frame or value) · attention NAME.weight
/// (1, values of a frame) · lstm NAME.input_weight (4·units, in), NAME.recurrent_weight (4·units, units), NAME.bias
/// (4·units), gates in the order input, forget, cell, output · gru NAME.input_weight (3·units, in),
/// NAME.recurrent_weight (3·units, units), NAME.input_bias, NAME.recurrent_bias (3·units each), gates in the order
/// update, reset, candidate (only NAME.input_bias of them if `reset_first`).
std::vector<TensorSpec> tensor_specs(const Layer& layer);

/// Number of trainable values of the network (running means and variances are not trained).
std::int64_t trainable_parameters(const std::vector<Layer>& layers);

/// Number of values of a shape.
std::int64_t element_count(const Shape& shape);

}  // namespace earmark::model
