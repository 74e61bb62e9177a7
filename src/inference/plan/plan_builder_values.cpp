// The layers of a plan that take values one by one, or all of them at once.

#include <algorithm>
#include <vector>

#include "inference/layers/channel_scale.hpp"
#include "inference/plan/plan_builder.hpp"

namespace earmark::inference {

using namespace onednn;
using dnnl::algorithm;

void PlanBuilder::add_dense(const model::Layer& layer) {
    const memory::desc source = row_major(with_batch(batch_, layer.input));
    const memory::desc result = row_major(with_batch(batch_, layer.output));
    const memory::desc weight({layer.output[0], layer.input[0]}, f32, tensors_.dense_transposed ? Tag::ba : Tag::ab);
    const memory::desc bias = row_major({layer.output[0]});
    // Weights that change stay as they are: bringing them into another layout costs more than it gains.
    const memory::desc wanted = options_.mode == PlanMode::inference ? any(weight.dims()) : weight;
    const dnnl::inner_product_forward::primitive_desc primitive({kind(), source, wanted, bias, result},
                                                                attributes(layer.relu), engine());
    const memory input = forward_.reordered(current_, source);
    plan_.embeddings_ = input;
    const memory output = make(result);
    forward_.append(dnnl::inner_product_forward(primitive),
                    {{DNNL_ARG_SRC, input},
                     {DNNL_ARG_WEIGHTS, weights(layer, "weight", weight, primitive.weights_desc())},
                     {DNNL_ARG_BIAS, tensor(layer, "bias", bias)},
                     {DNNL_ARG_DST, output}});
    current_ = output;
    const bool first = !is_trained(source_);
    on_way_back([=, this, &layer](memory output_gradient) -> memory {
        output_gradient = backward_.reordered(output_gradient, result);
        if (layer.relu) output_gradient = relu_backward(output, output_gradient);
        const dnnl::inner_product_backward_weights::primitive_desc of_weights({source, weight, bias, result},
                                                                              attributes(), engine(), primitive);
        backward_.append(dnnl::inner_product_backward_weights(of_weights),
                         {{DNNL_ARG_SRC, input},
                          {DNNL_ARG_DIFF_DST, output_gradient},
                          {DNNL_ARG_DIFF_WEIGHTS, gradient(layer, "weight", weight)},
                          {DNNL_ARG_DIFF_BIAS, gradient(layer, "bias", bias)}});
        if (first) return {};
        const dnnl::inner_product_backward_data::primitive_desc of_data({source, weight, result}, attributes(),
                                                                        engine(), primitive);
        const memory input_gradient = make(source);
        backward_.append(dnnl::inner_product_backward_data(of_data),
                         {{DNNL_ARG_DIFF_DST, output_gradient},
                          {DNNL_ARG_WEIGHTS, tensor(layer, "weight", weight)},
                          {DNNL_ARG_DIFF_SRC, input_gradient}});
        return input_gradient;
    });
}

void PlanBuilder::add_sum(const model::Layer& layer) {
    const memory::desc description = current_.get_desc();
    const dnnl::binary::primitive_desc primitive({algorithm::binary_add, description, description, description},
                                                 attributes(layer.relu), engine());
    const memory output = make(description);
    forward_.append(dnnl::binary(primitive), {{DNNL_ARG_SRC_0, current_},
                                              {DNNL_ARG_SRC_1, forward_.reordered(second(layer), description)},
                                              {DNNL_ARG_DST, output}});
    current_ = output;
    if (!is_trained(source_) && !is_trained(layer.second)) return;
    on_way_back([=, this, &layer](memory output_gradient) {
        output_gradient = backward_.reordered(output_gradient, description);
        if (layer.relu) output_gradient = relu_backward(output, output_gradient);
        add_gradient(layer.second, output_gradient);
        return output_gradient;
    });
}

void PlanBuilder::add_concatenate(const model::Layer& layer) {
    const auto lies = [this](const model::Shape& shape) {
        const memory::dims dims = with_batch(batch_, shape);
        return shape.size() == 3 ? channels_last(dims) : row_major(dims);
    };
    const std::int64_t width = layer.output[0];
    const std::int64_t pixels = batch_ * model::element_count(layer.output) / width;
    std::vector<int> places{layer.source};
    places.insert(places.end(), layer.others.begin(), layer.others.end());
    struct Part {
        memory values;
        std::int64_t width;
        std::int64_t begin;  // among the values of a pixel
    };
    std::vector<Part> parts;
    std::int64_t begin = 0;
    for (const int place : places) {
        const model::Shape& shape = layers_[place].output;
        parts.push_back({forward_.reordered(outputs_[place], lies(shape)), shape[0], begin});
        begin += shape[0];
    }
    const memory::desc together = lies(layer.output);
    const memory output = make(together);
    const auto all_of = [](const std::vector<Part>& some, const memory& whole) {
        std::vector<memory> all{whole};
        for (const Part& part : some) all.push_back(part.values);
        return all;
    };
    forward_.append(
        [=] {
            for (const Part& part : parts)
                for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
                    std::copy_n(data(part.values) + pixel * part.width, part.width,
                                data(output) + pixel * width + part.begin);
        },
        all_of(parts, output));
    current_ = output;
    if (std::ranges::none_of(places, [this](int place) { return is_trained(place); })) return;
    on_way_back([=, this](const memory& output_gradient) {
        const memory from = backward_.reordered(output_gradient, together);
        std::vector<Part> gradients = parts;
        for (Part& part : gradients) part.values = make(part.values.get_desc());
        backward_.append(
            [=] {
                for (const Part& part : gradients)
                    for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
                        std::copy_n(data(from) + pixel * width + part.begin, part.width,
                                    data(part.values) + pixel * part.width);
            },
            all_of(gradients, from));
        for (std::size_t i = 1; i < places.size(); ++i) add_gradient(places[i], gradients[i].values);
        return gradients.front().values;
    });
}

void PlanBuilder::add_scale(const model::Layer& layer) {
    const std::int64_t channels = layer.output[0];
    const memory::desc vector = row_major({batch_, channels});
    const memory::desc pixels = row_major({batch_, channels, 1, 1});  // the vector as an image of one pixel
    const memory::desc images = blocked(with_batch(batch_, layer.output), ChannelScale::lanes());
    const memory::desc factor = blocked(pixels.dims(), ChannelScale::lanes());
    const ChannelScale scale(batch_, channels, layer.output[1] * layer.output[2], omp_get_max_threads());

    const memory image = forward_.reordered(second(layer), images);
    const memory values = forward_.reordered(current_, vector);
    const memory logits = forward_.reordered(forward_.view(values, pixels), factor);
    const algorithm method = training() ? algorithm::eltwise_logistic_use_dst_for_bwd : algorithm::eltwise_logistic;
    const dnnl::eltwise_forward::primitive_desc primitive({kind(), method, factor}, attributes(), engine());
    const memory factors = make(factor);
    forward_.append(dnnl::eltwise_forward(primitive), {{DNNL_ARG_SRC, logits}, {DNNL_ARG_DST, factors}});
    const memory output = make(images);
    forward_.append([=] { scale.forward(data(image), data(factors), data(output)); }, {image, factors, output});
    current_ = output;
    if (!is_trained(source_) && !is_trained(layer.second)) return;
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, images);
        const memory image_gradient = make(images);
        const memory factor_gradient = make(factor);
        backward_.append(
            [=] {
                scale.backward(data(image), data(factors), data(from), data(image_gradient), data(factor_gradient));
            },
            {from, image_gradient, factor_gradient});
        add_gradient(layer.second, image_gradient);
        const dnnl::eltwise_backward::primitive_desc of_data({method, factor, factor}, attributes(), engine(),
                                                             primitive);
        const memory logit_gradient = make(factor);
        backward_.append(
            dnnl::eltwise_backward(of_data),
            {{DNNL_ARG_DST, factors}, {DNNL_ARG_DIFF_DST, factor_gradient}, {DNNL_ARG_DIFF_SRC, logit_gradient}});
        return backward_.view(backward_.reordered(logit_gradient, pixels), vector);
    });
}

void PlanBuilder::add_elu(const model::Layer& /*layer*/) {
    constexpr float alpha = 1.0F;
    const memory::desc description = current_.get_desc();
    const algorithm method = training() ? algorithm::eltwise_elu_use_dst_for_bwd : algorithm::eltwise_elu;
    const dnnl::eltwise_forward::primitive_desc primitive({kind(), method, description, alpha}, attributes(), engine());
    const memory output = make(description);
    forward_.append(dnnl::eltwise_forward(primitive), {{DNNL_ARG_SRC, current_}, {DNNL_ARG_DST, output}});
    current_ = output;
    if (!is_trained(source_)) return;
    on_way_back([=, this](memory output_gradient) {
        output_gradient = backward_.reordered(output_gradient, description);
        const dnnl::eltwise_backward::primitive_desc of_data({method, description, description, alpha}, attributes(),
                                                             engine(), primitive);
        const memory input_gradient = make(description);
        backward_.append(
            dnnl::eltwise_backward(of_data),
            {{DNNL_ARG_DST, output}, {DNNL_ARG_DIFF_DST, output_gradient}, {DNNL_ARG_DIFF_SRC, input_gradient}});
        return input_gradient;
    });
}

void PlanBuilder::add_dropout(const model::Layer& layer) {
    if (!training()) return;
    const memory::desc description = current_.get_desc();
    const memory factors = make(row_major(description.dims()));
    plan_.dropouts_.emplace_back(layer.rate, factors);
    const memory laid_out = forward_.reordered(factors, description);
    const dnnl::binary::primitive_desc product({algorithm::binary_mul, description, description, description},
                                               attributes(), engine());
    const memory output = make(description);
    forward_.append(dnnl::binary(product),
                    {{DNNL_ARG_SRC_0, current_}, {DNNL_ARG_SRC_1, laid_out}, {DNNL_ARG_DST, output}});
    current_ = output;
    on_way_back([=, this](memory output_gradient) {
        output_gradient = backward_.reordered(output_gradient, description);
        const memory input_gradient = make(description);
        backward_.append(
            dnnl::binary(product),
            {{DNNL_ARG_SRC_0, output_gradient}, {DNNL_ARG_SRC_1, laid_out}, {DNNL_ARG_DST, input_gradient}});
        return input_gradient;
    });
}

}  // namespace earmark::inference
