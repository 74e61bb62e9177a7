#include "inference/plan/plan.hpp"

#include "inference/layers/channel_scale.hpp"
#include "inference/layers/normalised_pool.hpp"
#include "inference/layers/pooled_convolution.hpp"

namespace earmark::inference {

using namespace onednn;
using dnnl::algorithm;
using dnnl::prop_kind;

bool has_bfloat16() {
    const auto isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
}

Plan::Plan(const std::vector<model::Layer>& layers, std::int64_t batch, PlanMode mode, PlanTensors tensors,
           Precision precision)
    : batch_(batch), mode_(mode), tensors_(std::move(tensors)), precision_(precision), stream_(engine()) {
    input_ = make(row_major(with_batch(batch, layers.front().input)));
    add_layers(layers);
    const memory::desc result = row_major(with_batch(batch, layers.back().output));
    output_ = forward_.reordered(outputs_.back(), result);
    if (training()) {
        output_gradient_ = make(result);
        gradients_.resize(layers.size());
        gradients_.back() = output_gradient_;
        add_backwards();
    }
    current_ = {};
    outputs_ = {};
    backwards_ = {};
    gradients_ = {};
}

void Plan::add_layers(const std::vector<model::Layer>& layers) {
    std::vector<int> uses(layers.size());
    for (const model::Layer& layer : layers) {
        for (const int used : {layer.source, layer.second}) {
            if (used >= 0) ++uses[used];
        }
    }
    outputs_.resize(layers.size());
    const auto count = static_cast<int>(layers.size());
    for (int i = 0; i < count; ++i) {
        const model::Layer& layer = layers[i];
        const bool alone = i + 1 < count && layers[i + 1].source == i && uses[i] == 1;
        const model::Layer* const next = alone ? &layers[i + 1] : nullptr;
        pooled_next_ = next != nullptr && next->kind == model::LayerKind::max_pool;
        current_ = layer.source < 0 ? input_ : outputs_[layer.source];
        source_ = layer.source;
        const bool normalised =
            training() && pooled_next_ && NormalisedPool::fits(layer, *next) &&
            current_.get_desc() == blocked(with_batch(batch_, layer.input), NormalisedPool::lanes());
        const bool first = pooled_next_ && backwards_.empty() && PooledConvolution::fits(layer, *next);
        if (normalised || first) ++i;
        place_ = i;
        if (first) {
            add_pooled_convolution(layer, *next);
        } else if (normalised) {
            add_normalised_pool(layer, *next);
        } else {
            add(layer);
        }
        outputs_[i] = current_;
    }
}

void Plan::add_backwards() {
    for (auto way = backwards_.rbegin(); way != backwards_.rend(); ++way) {
        if (!gradients_[way->place]) continue;
        const memory gradient = way->build(gradients_[way->place]);
        if (gradient && way->source >= 0) add_gradient(way->source, gradient);
    }
}

void Plan::add_gradient(int layer, const memory& gradient) {
    memory& all = gradients_[layer];
    if (!all) {
        all = gradient;
        return;
    }
    const memory::desc description = all.get_desc();
    const dnnl::binary::primitive_desc primitive({algorithm::binary_add, description, description, description},
                                                 attributes(), engine());
    const memory sum = make(description);
    backward_.append(
        dnnl::binary(primitive),
        {{DNNL_ARG_SRC_0, all}, {DNNL_ARG_SRC_1, backward_.reordered(gradient, description)}, {DNNL_ARG_DST, sum}});
    all = sum;
}

void Plan::forward() {
    forward_.run(stream_);
}

void Plan::backward() {
    backward_.run(stream_);
}

std::vector<Plan::Dropout> Plan::dropouts() {
    std::vector<Dropout> result;
    for (const auto& [rate, factors] : dropouts_) {
        result.push_back(
            {rate, static_cast<std::int64_t>(factors.get_desc().get_size() / sizeof(float)), data(factors)});
    }
    return result;
}

prop_kind Plan::kind() const {
    return training() ? prop_kind::forward_training : prop_kind::forward_inference;
}

void Plan::add(const model::Layer& layer) {
    switch (layer.kind) {
        case model::LayerKind::image:
        case model::LayerKind::flatten:
            reshape(layer);
            break;
        case model::LayerKind::dense:
            add_dense(layer);
            break;
        case model::LayerKind::convolution:
            add_convolution(layer);
            break;
        case model::LayerKind::max_pool:
            add_pooling(layer, algorithm::pooling_max);
            break;
        case model::LayerKind::average_pool:
        case model::LayerKind::average:
            add_pooling(layer, algorithm::pooling_avg_exclude_padding);
            break;
        case model::LayerKind::centre:
            add_centre(layer);
            break;
        case model::LayerKind::statistics:
            add_statistics(layer);
            break;
        case model::LayerKind::summary:
            add_summary(layer);
            break;
        case model::LayerKind::attention:
            add_attention(layer);
            break;
        case model::LayerKind::batch_norm:
            add_batch_norm(layer);
            break;
        case model::LayerKind::elu:
            add_elu(layer);
            break;
        case model::LayerKind::add:
            add_sum(layer);
            break;
        case model::LayerKind::scale:
            add_scale(layer);
            break;
        case model::LayerKind::sequence:
            add_sequence(layer);
            break;
        case model::LayerKind::lstm:
            add_lstm(layer);
            break;
        case model::LayerKind::gru:
            add_gru(layer);
            break;
        case model::LayerKind::dropout:
            add_dropout(layer);
            break;
    }
}

void Plan::reshape(const model::Layer& layer) {
    const memory::desc before = row_major(with_batch(batch_, layer.input));
    const memory::desc after = row_major(with_batch(batch_, layer.output));
    const memory source = forward_.reordered(current_, before);
    current_ = memory(after, engine(), source.get_data_handle());
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this](const memory& output_gradient) -> memory {
        const memory gradient = backward_.reordered(output_gradient, after);
        return {before, engine(), gradient.get_data_handle()};
    });
}

void Plan::add_dense(const model::Layer& layer) {
    const memory::desc source = row_major(with_batch(batch_, layer.input));
    const memory::desc result = row_major(with_batch(batch_, layer.output));
    const memory::desc weight({layer.output[0], layer.input[0]}, f32, tensors_.dense_transposed ? Tag::ba : Tag::ab);
    const memory::desc bias = row_major({layer.output[0]});
    // Weights that change stay as they are: bringing them into another layout costs more than it gains.
    const memory::desc wanted = mode_ == PlanMode::inference ? any(weight.dims()) : weight;
    const dnnl::inner_product_forward::primitive_desc primitive({kind(), source, wanted, bias, result},
                                                                attributes(layer.relu), engine());
    const memory input = forward_.reordered(current_, source);
    embeddings_ = input;
    const memory output = make(result);
    forward_.append(dnnl::inner_product_forward(primitive),
                    {{DNNL_ARG_SRC, input},
                     {DNNL_ARG_WEIGHTS, weights(layer, "weight", weight, primitive.weights_desc())},
                     {DNNL_ARG_BIAS, tensor(layer, "bias", bias)},
                     {DNNL_ARG_DST, output}});
    current_ = output;
    const bool first = backwards_.empty();
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

/// Now if the weights never change, else each time the plan runs.
void Plan::set_weights(const std::function<void()>& function) {
    if (mode_ == PlanMode::inference) {
        function();
    } else {
        forward_.append(function);
    }
}

void Plan::add_sum(const model::Layer& layer) {
    const memory::desc description = current_.get_desc();
    const dnnl::binary::primitive_desc primitive({algorithm::binary_add, description, description, description},
                                                 attributes(layer.relu), engine());
    const memory output = make(description);
    forward_.append(dnnl::binary(primitive), {{DNNL_ARG_SRC_0, current_},
                                              {DNNL_ARG_SRC_1, forward_.reordered(second(layer), description)},
                                              {DNNL_ARG_DST, output}});
    current_ = output;
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this, &layer](memory output_gradient) {
        output_gradient = backward_.reordered(output_gradient, description);
        if (layer.relu) output_gradient = relu_backward(output, output_gradient);
        add_gradient(layer.second, output_gradient);
        return output_gradient;
    });
}

void Plan::add_scale(const model::Layer& layer) {
    const std::int64_t channels = layer.output[0];
    const memory::desc vector = row_major({batch_, channels});
    const memory::desc pixels = row_major({batch_, channels, 1, 1});  // the vector as an image of one pixel
    const memory::desc images = blocked(with_batch(batch_, layer.output), ChannelScale::lanes());
    const memory::desc factor = blocked(pixels.dims(), ChannelScale::lanes());
    const ChannelScale scale(batch_, channels, layer.output[1] * layer.output[2], omp_get_max_threads());

    const memory image = forward_.reordered(second(layer), images);
    const memory values = forward_.reordered(current_, vector);
    const memory logits = forward_.reordered({pixels, engine(), values.get_data_handle()}, factor);
    const algorithm method = training() ? algorithm::eltwise_logistic_use_dst_for_bwd : algorithm::eltwise_logistic;
    const dnnl::eltwise_forward::primitive_desc primitive({kind(), method, factor}, attributes(), engine());
    const memory factors = make(factor);
    forward_.append(dnnl::eltwise_forward(primitive), {{DNNL_ARG_SRC, logits}, {DNNL_ARG_DST, factors}});
    const memory output = make(images);
    forward_.append([=] { scale.forward(data(image), data(factors), data(output)); });
    current_ = output;
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, images);
        const memory image_gradient = make(images);
        const memory factor_gradient = make(factor);
        backward_.append([=] {
            scale.backward(data(image), data(factors), data(from), data(image_gradient), data(factor_gradient));
        });
        add_gradient(layer.second, image_gradient);
        const dnnl::eltwise_backward::primitive_desc of_data({method, factor, factor}, attributes(), engine(),
                                                             primitive);
        const memory logit_gradient = make(factor);
        backward_.append(
            dnnl::eltwise_backward(of_data),
            {{DNNL_ARG_DST, factors}, {DNNL_ARG_DIFF_DST, factor_gradient}, {DNNL_ARG_DIFF_SRC, logit_gradient}});
        return {vector, engine(), backward_.reordered(logit_gradient, pixels).get_data_handle()};
    });
}

void Plan::add_elu(const model::Layer& /*layer*/) {
    constexpr float alpha = 1.0F;
    const memory::desc description = current_.get_desc();
    const algorithm method = training() ? algorithm::eltwise_elu_use_dst_for_bwd : algorithm::eltwise_elu;
    const dnnl::eltwise_forward::primitive_desc primitive({kind(), method, description, alpha}, attributes(), engine());
    const memory output = make(description);
    forward_.append(dnnl::eltwise_forward(primitive), {{DNNL_ARG_SRC, current_}, {DNNL_ARG_DST, output}});
    current_ = output;
    if (backwards_.empty()) return;  // nothing before it has weights
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

void Plan::add_dropout(const model::Layer& layer) {
    if (!training()) return;
    const memory::desc description = current_.get_desc();
    const memory factors = make(row_major(description.dims()));
    dropouts_.emplace_back(layer.rate, factors);
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

memory Plan::relu_backward(const memory& result, const memory& gradient) {
    const memory::desc description = result.get_desc();
    const dnnl::eltwise_forward::primitive_desc forward(
        {prop_kind::forward_training, algorithm::eltwise_relu_use_dst_for_bwd, description, 0.0F}, attributes(),
        engine());
    const dnnl::eltwise_backward::primitive_desc backward(
        {algorithm::eltwise_relu_use_dst_for_bwd, description, description, 0.0F}, attributes(), engine(), forward);
    memory before = make(description);
    backward_.append(dnnl::eltwise_backward(backward),
                     {{DNNL_ARG_DST, result}, {DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_DIFF_SRC, before}});
    return before;
}

memory Plan::weights(const model::Layer& layer, const char* name, const memory::desc& plain,
                     const memory::desc& wanted) {
    const memory values = tensor(layer, name, plain);
    if (mode_ != PlanMode::inference) return forward_.reordered(values, wanted);
    if (wanted == plain) return values;
    const memory result = make(wanted);
    Program once;
    once.copy(values, result);
    once.run(stream_);
    return result;
}

memory Plan::tensor(const model::Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), tensors_.values(layer.name + "." + name)};
}

memory Plan::gradient(const model::Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), tensors_.gradients(layer.name + "." + name)};
}

}  // namespace earmark::inference
