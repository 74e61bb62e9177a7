#include "model/architectures/layer_builder.hpp"

#include <algorithm>
#include <utility>

#include "base/throw.hpp"

namespace earmark::model {

namespace {

constexpr double keras_batch_norm_epsilon = 1e-3;
constexpr double keras_batch_norm_momentum = 0.99;
constexpr double smallest_variance = 1e-5;
constexpr double smallest_movement = 0.03;  // in standardised features: half a decibel of log-mel bands

/// TensorFlow's "same": the odd element of padding goes after.
void pad_as_same(Layer& layer, int axis) {
    const std::int64_t reach = (layer.output[1 + axis] - 1) * layer.stride[axis] + layer.kernel[axis];
    const auto padding = static_cast<int>(std::max<std::int64_t>(reach - layer.input[1 + axis], 0));
    layer.pad_before[axis] = padding / 2;
    layer.pad_after[axis] = padding - padding / 2;
}

}  // namespace

LayerBuilder::LayerBuilder(Shape input, std::int64_t classes, const std::string& where)
    : input_(std::move(input)), classes_(classes), shape_(input_), where_(where) {}

void LayerBuilder::image() {
    append(LayerKind::image, "", {1, shape_[0], shape_[1]});
}

void LayerBuilder::pad_frames(int before, int after) {
    Layer& layer = append(LayerKind::pad, "", {shape_[0] + before + after, shape_[1]});
    layer.pad_before[0] = before;
    layer.pad_after[0] = after;
}

void LayerBuilder::flatten() {
    append(LayerKind::flatten, "", {element_count(shape_)});
}

void LayerBuilder::dense(std::string name, std::int64_t units, bool relu, double l2) {
    Layer& layer = append(LayerKind::dense, std::move(name), {units});
    layer.relu = relu;
    layer.l2 = l2;
}

void LayerBuilder::hidden(const std::vector<std::int64_t>& widths, double dropout_rate, double l2) {
    int number = 0;
    for (const std::int64_t width : widths) {
        dense(fmt::format("dense{}", ++number), width, true, l2);
        dropout(dropout_rate);
    }
}

void LayerBuilder::convolution(std::string name, std::int64_t filters, const ConvolutionOptions& options) {
    const bool same[2] = {options.same_frames, options.same_coefficients};
    const int kernel[2] = {options.kernel.frames, options.kernel.coefficients};
    need(name, same[0] ? 1 : kernel[0], same[1] ? 1 : kernel[1]);
    const Shape in = shape_;
    Shape out{filters, 0, 0};
    for (int axis = 0; axis < 2; ++axis) {
        const std::int64_t places = same[axis] ? in[1 + axis] : in[1 + axis] - kernel[axis] + 1;
        out[1 + axis] = (places + options.stride - 1) / options.stride;
    }
    Layer& layer = append(LayerKind::convolution, std::move(name), out);
    layer.relu = options.relu;
    layer.bias = options.bias;
    layer.groups = static_cast<int>(options.groups);
    for (int axis = 0; axis < 2; ++axis) {
        layer.kernel[axis] = kernel[axis];
        layer.stride[axis] = options.stride;
        if (same[axis]) pad_as_same(layer, axis);
    }
}

void LayerBuilder::padded_convolution(std::string name, std::int64_t filters, int kernel, std::int64_t groups) {
    convolution(std::move(name), filters, {.kernel = {kernel, kernel}, .groups = groups});
}

void LayerBuilder::pool(LayerKind kind, const std::string& name, int frames, int coefficients) {
    need(name, frames, coefficients);
    Layer& layer = append(kind, "", {shape_[0], shape_[1] / frames, shape_[2] / coefficients});
    layer.kernel[0] = layer.stride[0] = frames;
    layer.kernel[1] = layer.stride[1] = coefficients;
}

void LayerBuilder::max_pool(int kernel, int stride) {
    const Shape in = shape_;
    Layer& layer =
        append(LayerKind::max_pool, "", {in[0], (in[1] + stride - 1) / stride, (in[2] + stride - 1) / stride});
    for (int axis = 0; axis < 2; ++axis) {
        layer.kernel[axis] = kernel;
        layer.stride[axis] = stride;
        pad_as_same(layer, axis);
    }
}

void LayerBuilder::average() {
    append(LayerKind::average, "", {shape_[0]});
}

void LayerBuilder::average_coefficients() {
    if (shape_[2] > 1) pool(LayerKind::average_pool, "the mean over coefficients", 1, static_cast<int>(shape_[2]));
    sequence();
}

void LayerBuilder::average_frames() {
    if (shape_[1] > 1) pool(LayerKind::average_pool, "the mean over frames", static_cast<int>(shape_[1]), 1);
    flatten();
}

void LayerBuilder::centre(bool whole) {
    append(LayerKind::centre, "", shape_).whole = whole;
}

void LayerBuilder::statistics() {
    append(LayerKind::statistics, "", {2 * shape_[1]}).epsilon = smallest_variance;
}

void LayerBuilder::summary() {
    append(LayerKind::summary, "", {4 * shape_[1] - 1, 1, 1}).epsilon = smallest_movement;
}

void LayerBuilder::attention(std::string name) {
    append(LayerKind::attention, std::move(name), {shape_[1]});
}

void LayerBuilder::batch_norm(std::string name, bool relu) {
    batch_norm(std::move(name), relu, keras_batch_norm_epsilon);
}

void LayerBuilder::batch_norm(std::string name, bool relu, double epsilon) {
    Layer& layer = append(LayerKind::batch_norm, std::move(name), shape_);
    layer.relu = relu;
    layer.epsilon = epsilon;
    layer.momentum = keras_batch_norm_momentum;
}

void LayerBuilder::maximum_coefficients() {
    pool(LayerKind::max_pool, "the maximum over coefficients", 1, static_cast<int>(shape_[2]));
}

void LayerBuilder::maximum() {
    pool(LayerKind::max_pool, "the maximum", static_cast<int>(shape_[1]), static_cast<int>(shape_[2]));
    flatten();
}

void LayerBuilder::concatenate(const std::vector<int>& others) {
    Shape together = shape_;
    for (const int other : others) together[0] += layers_[other].output[0];
    append(LayerKind::concatenate, "", together).others = others;
}

void LayerBuilder::elu() {
    append(LayerKind::elu, "", shape_);
}

void LayerBuilder::sequence() {
    append(LayerKind::sequence, "", {shape_[1], shape_[0] * shape_[2]});
}

void LayerBuilder::recurrent(LayerKind kind, std::string name, std::int64_t units, bool all_states) {
    Layer& layer = append(kind, std::move(name), all_states ? Shape{shape_[0], units} : Shape{units});
    layer.all_states = all_states;
}

void LayerBuilder::older_gru(std::string name, std::int64_t units, bool all_states) {
    recurrent(LayerKind::gru, std::move(name), units, all_states);
    layers_.back().reset_first = true;
}

void LayerBuilder::dropout(double rate) {
    if (rate > 0.0) append(LayerKind::dropout, "", shape_).rate = rate;
}

void LayerBuilder::go_to(int layer) {
    source_ = layer;
    shape_ = layers_[layer].output;
}

void LayerBuilder::add(int other, bool relu) {
    Layer& layer = append(LayerKind::add, "", shape_);
    layer.second = other;
    layer.relu = relu;
}

void LayerBuilder::scale(int image) {
    append(LayerKind::scale, "", layers_[image].output).second = image;
}

std::vector<Layer> LayerBuilder::finish() {
    dense("output", classes_, false);
    return std::move(layers_);
}

void LayerBuilder::need(const std::string& name, int frames, int coefficients) const {
    if (shape_[1] >= frames && shape_[2] >= coefficients) return;
    base::fail(ErrorCode::bad_option,
               "{}: {} needs at least {} × {} inputs but gets {} × {}. Use longer segments or more coefficients.",
               where_, name, frames, coefficients, shape_[1], shape_[2]);
}

Layer& LayerBuilder::append(LayerKind kind, std::string name, Shape output) {
    Layer& layer = layers_.emplace_back();
    layer.kind = kind;
    layer.name = std::move(name);
    layer.source = std::exchange(source_, static_cast<int>(layers_.size()) - 1);
    layer.input = shape_;
    layer.output = output;
    shape_ = std::move(output);
    return layer;
}

}  // namespace earmark::model
