// The layers of a plan that are our own and take images, some of which do the work of several.

#include <memory>

#include "inference/layers/band_maximum.hpp"
#include "inference/layers/frame_convolution.hpp"
#include "inference/layers/normalised_pool.hpp"
#include "inference/layers/pooled_convolution.hpp"
#include "inference/layers/winograd_convolution.hpp"
#include "inference/plan/plan_builder.hpp"

namespace earmark::inference {

using namespace onednn;

void PlanBuilder::add_frame_convolution(const model::Layer& layer) {
    const memory input = forward_.reordered(current_, channels_last(with_batch(batch_, layer.input)));
    const memory output = make(channels_last(with_batch(batch_, layer.output)));
    const auto convolution = std::make_shared<FrameConvolution>(layer, batch_, omp_get_max_threads());
    add_weights(
        layer.name, *convolution,
        [convolution, weight = values_of(layer.name + ".weight"),
         bias = layer.bias ? values_of(layer.name + ".bias") : nullptr] { convolution->set_weights(weight, bias); });
    forward_.append([=] { convolution->forward(data(input), data(output)); }, {input, output});
    current_ = output;
}

void PlanBuilder::add_winograd_convolution(const model::Layer& layer) {
    const memory::desc from = blocked(with_batch(batch_, layer.input), WinogradConvolution::lanes());
    const memory::desc to = blocked(with_batch(batch_, layer.output), WinogradConvolution::lanes());
    const memory input = forward_.reordered(current_, from);
    const memory output = make(to);
    const auto convolution = std::make_shared<WinogradConvolution>(layer, batch_, training(), omp_get_max_threads());
    const auto bias_of = [&](const auto& tensors) { return layer.bias ? tensors(layer.name + ".bias") : nullptr; };
    add_weights(layer.name, *convolution,
                [convolution, weight = values_of(layer.name + ".weight"),
                 bias = bias_of([this](const std::string& name) { return values_of(name); })] {
                    convolution->set_weights(weight, bias);
                });
    const memory tiles = make(row_major({convolution->tile_values()}));
    forward_.append([=] { convolution->forward(data(input), data(output), data(tiles)); }, {input, output, tiles});
    current_ = output;
    const bool first = !is_trained(source_);
    relu_of_pool_ = layer.relu && pooled_next_;
    on_way_back([=, this, &layer, relu = layer.relu && !pooled_next_](memory output_gradient) -> memory {
        output_gradient = backward_.reordered(output_gradient, to);
        if (relu) output_gradient = relu_backward(output, output_gradient);
        const memory input_gradient = first ? memory() : make(from);
        backward_.append(
            [=, weight = tensors_.gradients(layer.name + ".weight"), bias = bias_of(tensors_.gradients)] {
                convolution->backward(data(input), data(output_gradient), first ? nullptr : data(input_gradient),
                                      weight, bias, data(tiles));
            },
            {output_gradient, input_gradient, tiles});
        return input_gradient;
    });
}

void PlanBuilder::add_pooled_convolution(const model::Layer& layer, const model::Layer& pool) {
    const memory input = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
    const memory::desc result = blocked(with_batch(batch_, pool.output), PooledConvolution::lanes());
    const memory output = make(result);
    const auto both = std::make_shared<PooledConvolution>(layer, pool, batch_, training(), omp_get_max_threads());
    add_weights(layer.name, *both,
                [both, weight = values_of(layer.name + ".weight"), bias = values_of(layer.name + ".bias")] {
                    both->set_weights(weight, bias);
                });
    forward_.append([=] { both->forward(data(input), data(output)); }, {input, output});
    current_ = output;
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, result);
        backward_.append(
            [=, weight = tensors_.gradients(layer.name + ".weight"), bias = tensors_.gradients(layer.name + ".bias")] {
                both->backward(data(input), data(from), weight, bias);
            },
            {from});
        return {};
    });
}

void PlanBuilder::add_band_maximum(const model::Layer& layer, const model::Layer& norm, const model::Layer& pool) {
    const memory input = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
    const memory output = make(channels_last(with_batch(batch_, pool.output)));
    const auto all = std::make_shared<BandMaximum>(layer, norm.epsilon, batch_, omp_get_max_threads());
    const BandMaximum::Tensors tensors{.weight = values_of(layer.name + ".weight"),
                                       .bias = values_of(layer.name + ".bias"),
                                       .scale = values_of(norm.name + ".scale"),
                                       .shift = values_of(norm.name + ".shift"),
                                       .mean = values_of(norm.name + ".mean"),
                                       .variance = values_of(norm.name + ".variance")};
    add_weights(layer.name, *all, [all, tensors] { all->set_weights(tensors); });
    forward_.append([=] { all->forward(data(input), data(output)); }, {input, output});
    current_ = output;
}

void PlanBuilder::add_normalised_pool(const model::Layer& layer, const model::Layer& pool) {
    const memory::desc channels = row_major({layer.input[0]});
    const memory input = current_;
    const memory::desc result = blocked(with_batch(batch_, pool.output), NormalisedPool::lanes());
    const memory output = make(result);
    const memory mean = make(channels);
    const memory variance = make(channels);
    const auto both = std::make_shared<NormalisedPool>(layer, pool, batch_, omp_get_max_threads());
    const float* const scale = values_of(layer.name + ".scale");
    const float* const shift = values_of(layer.name + ".shift");
    forward_.append([=] { both->forward(data(input), scale, shift, data(mean), data(variance), data(output)); },
                    {input, mean, variance, output});
    add_running_statistics(layer, mean, variance);
    current_ = output;
    on_way_back([=, this, &layer](const memory& output_gradient) {
        const memory from = backward_.reordered(output_gradient, result);
        memory input_gradient = make(input.get_desc());
        float* const scale_gradient = tensors_.gradients(layer.name + ".scale");
        float* const shift_gradient = tensors_.gradients(layer.name + ".shift");
        backward_.append(
            [=] {
                both->backward(data(input), scale, data(from), data(input_gradient), scale_gradient, shift_gradient);
            },
            {from, input_gradient});
        return input_gradient;
    });
}

}  // namespace earmark::inference
