#include "inference/plan.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

#include "inference/channel_scale.hpp"
#include "inference/first_convolution.hpp"
#include "inference/lstm.hpp"
#include "inference/normalised_pool.hpp"
#include "inference/pooled_convolution.hpp"
#include "inference/time_pooling.hpp"
#include "inference/winograd_convolution.hpp"

namespace earmark {

using namespace onednn;

namespace {

using dnnl::algorithm;
using dnnl::prop_kind;

memory::desc any(const memory::dims& dims, memory::data_type type = f32) {
    return {dims, type, Tag::any};
}
memory::desc row_major(const memory::dims& dims) {
    return {dims, f32, plain(dims.size())};
}

/// Sequences (batch × frames × values) frame by frame, each of the whole batch, as oneDNN's recurrent layers take them.
memory::desc by_time(const memory::dims& dims) {
    return {dims, f32, Tag::bac};
}

/// Images in blocks of as many channels as a vector has lanes.
memory::desc blocked(const memory::dims& dims, std::int64_t lanes) {
    return {dims, f32, lanes == 16 ? Tag::aBcd16b : lanes == 8 ? Tag::aBcd8b : Tag::aBcd4b};
}

constexpr std::int64_t channels_of_a_vector = 16;

std::int64_t channels_of_a_group(const Layer& layer) {
    return layer.input[0] / layer.groups;
}

/// What `describe(algorithm)` gives for the faster algorithm of a convolution. Winograd's (F(4×4, 3×3); Lavin and Gray,
/// "Fast algorithms for convolutional neural networks", CVPR 2016) takes about half the time of the direct one, but not
/// for inputs of few channels, which it pads to a vector of sixteen. oneDNN has it for 3×3 kernels and AVX-512 alone.
/// Left to choose by itself it takes it too seldom, for gradients of weights above all. Products of bfloat16 numbers
/// are faster still, and direct.
template <typename Describe>
auto fastest(const Layer& layer, bool mixed, Describe describe) {
    if (!mixed && channels_of_a_group(layer) >= channels_of_a_vector) {
        try {
            return describe(algorithm::convolution_winograd);
        } catch (const dnnl::error&) {
            // This processor, or this convolution, is not one of those.
        }
    }
    return describe(algorithm::convolution_direct);
}

/// The mean of each pool of images with one channel, for which oneDNN has but plain loops and divisions.
void average_pool(const Layer& layer, std::int64_t batch, const float* from, float* to) {
    const std::int64_t width = layer.input[2];
    const float share = 1.0F / static_cast<float>(layer.kernel[0] * layer.kernel[1]);
#pragma omp parallel for schedule(static)
    for (std::int64_t line = 0; line < batch * layer.output[1]; ++line) {
        const std::int64_t example = line / layer.output[1];
        const std::int64_t row = line % layer.output[1];
        const float* const corner = from + (example * layer.input[1] + row * layer.stride[0]) * width;
        for (std::int64_t column = 0; column < layer.output[2]; ++column) {
            float sum = 0.0F;
            for (int y = 0; y < layer.kernel[0]; ++y)
                for (int x = 0; x < layer.kernel[1]; ++x) sum += corner[y * width + column * layer.stride[1] + x];
            to[line * layer.output[2] + column] = share * sum;
        }
    }
}

/// Whether oneDNN has convolutions by Winograd's algorithm.
bool has_avx512() {
    const auto isa = dnnl::get_effective_cpu_isa();
    return isa != dnnl::cpu_isa::sse41 && isa != dnnl::cpu_isa::avx && isa != dnnl::cpu_isa::avx2 &&
           isa != dnnl::cpu_isa::avx2_vnni;
}

/// Whether oneDNN has only the loops for it that define what is right.
bool is_reference(const dnnl::convolution_backward_weights::primitive_desc& primitive) {
    return std::string_view(primitive.impl_info_str()).starts_with("ref");
}

}  // namespace

bool has_bfloat16() {
    const auto isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
}

Plan::Plan(const std::vector<Layer>& layers, std::int64_t batch, PlanMode mode, PlanTensors tensors,
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

void Plan::add_layers(const std::vector<Layer>& layers) {
    std::vector<int> uses(layers.size());
    for (const Layer& layer : layers) {
        for (const int used : {layer.source, layer.second}) {
            if (used >= 0) ++uses[used];
        }
    }
    outputs_.resize(layers.size());
    const auto count = static_cast<int>(layers.size());
    for (int i = 0; i < count; ++i) {
        const Layer& layer = layers[i];
        const bool alone = i + 1 < count && layers[i + 1].source == i && uses[i] == 1;
        const Layer* const next = alone ? &layers[i + 1] : nullptr;
        pooled_next_ = next != nullptr && next->kind == LayerKind::max_pool;
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

void Plan::add(const Layer& layer) {
    switch (layer.kind) {
        case LayerKind::image:
        case LayerKind::flatten:
            reshape(layer);
            break;
        case LayerKind::dense:
            add_dense(layer);
            break;
        case LayerKind::convolution:
            add_convolution(layer);
            break;
        case LayerKind::max_pool:
            add_pooling(layer, algorithm::pooling_max);
            break;
        case LayerKind::average_pool:
        case LayerKind::average:
            add_pooling(layer, algorithm::pooling_avg_exclude_padding);
            break;
        case LayerKind::centre:
            add_centre(layer);
            break;
        case LayerKind::statistics:
            add_statistics(layer);
            break;
        case LayerKind::summary:
            add_summary(layer);
            break;
        case LayerKind::attention:
            add_attention(layer);
            break;
        case LayerKind::batch_norm:
            add_batch_norm(layer);
            break;
        case LayerKind::elu:
            add_elu(layer);
            break;
        case LayerKind::add:
            add_sum(layer);
            break;
        case LayerKind::scale:
            add_scale(layer);
            break;
        case LayerKind::sequence:
            add_sequence(layer);
            break;
        case LayerKind::lstm:
            add_lstm(layer);
            break;
        case LayerKind::gru:
            add_gru(layer);
            break;
        case LayerKind::dropout:
            add_dropout(layer);
            break;
    }
}

void Plan::reshape(const Layer& layer) {
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

void Plan::add_dense(const Layer& layer) {
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

void Plan::add_convolution(const Layer& layer) {
    if (!in_bfloat16(layer) && !has_avx512() && WinogradConvolution::fits(layer))
        return add_winograd_convolution(layer);
    memory::dims sizes{layer.output[0], layer.input[0] / layer.groups, layer.kernel[0], layer.kernel[1]};
    if (layer.groups > 1) {
        sizes[0] /= layer.groups;
        sizes.insert(sizes.begin(), layer.groups);
    }
    const memory::dims before{layer.pad_before[0], layer.pad_before[1]};
    const memory::dims after{layer.pad_after[0], layer.pad_after[1]};
    const memory::dims strides{1, 1};
    const memory::desc weight = row_major(sizes);
    const memory::desc bias = layer.bias ? row_major({layer.output[0]}) : memory::desc();
    const memory::dims from = with_batch(batch_, layer.input);
    const memory::dims to = with_batch(batch_, layer.output);
    const bool mixed = in_bfloat16(layer);
    const auto type = mixed ? bf16 : f32;
    const auto primitive = fastest(layer, mixed, [&](algorithm method) {
        return dnnl::convolution_forward::primitive_desc(
            {kind(), method, any(from, type), any(sizes, type), bias, any(to), strides, before, after},
            attributes(layer.relu), engine());
    });
    const memory source = current_;
    const memory input = forward_.reordered(source, primitive.src_desc());
    const memory result = make(primitive.dst_desc());
    Arguments arguments{{DNNL_ARG_SRC, input},
                        {DNNL_ARG_WEIGHTS, weights(layer, "weight", weight, primitive.weights_desc())},
                        {DNNL_ARG_DST, result}};
    if (layer.bias) arguments[DNNL_ARG_BIAS] = tensor(layer, "bias", bias);
    forward_.append(dnnl::convolution_forward(primitive), arguments);
    // What comes next takes blocks; products of bfloat16 numbers leave the channels of a pixel side by side.
    const memory output = mixed ? forward_.reordered(result, blocked(to, NormalisedPool::lanes())) : result;
    current_ = output;
    const bool first = backwards_.empty();
    // The largest value of a pool is positive where ReLU's gradient is not zero, so the gradient can pass ReLU when it
    // is still small, before it passes the pool.
    relu_of_pool_ = layer.relu && pooled_next_;
    on_way_back([=, this, &layer, relu = layer.relu && !pooled_next_](memory output_gradient) -> memory {
        output_gradient = backward_.reordered(output_gradient, output.get_desc());
        if (relu) output_gradient = relu_backward(output, output_gradient);
        if (first && FirstConvolution::fits(layer) && output.get_desc() == blocked(to, FirstConvolution::lanes())) {
            const auto both = std::make_shared<FirstConvolution>(layer, batch_, omp_get_max_threads());
            const memory image = backward_.reordered(source, row_major(from));
            backward_.append([=, weight_gradient = tensors_.gradients(layer.name + ".weight")] {
                both->backward(data(image), data(output_gradient), weight_gradient);
            });
            return {};
        }
        // oneDNN's gradient of weights is slower in bfloat16 where channels do not fill vectors.
        const bool mixed_weights = mixed && channels_of_a_group(layer) % channels_of_a_vector == 0;
        // Layouts are those of the way forward, unless the numbers are others.
        const memory::desc taken = mixed_weights == mixed ? primitive.src_desc() : any(from);
        const auto as = [&](bool mixed_too) {
            return mixed_too ? any(to, bf16) : (mixed ? any(to) : primitive.dst_desc());
        };
        const auto described = [&](const memory::desc& source_layout, const memory::desc& gradient_layout) {
            return fastest(layer, mixed_weights, [&](algorithm method) {
                return dnnl::convolution_backward_weights::primitive_desc(
                    {method, source_layout, any(sizes), bias, gradient_layout, strides, before, after}, attributes(),
                    engine(), primitive);
            });
        };
        auto of_weights = described(taken, as(mixed_weights));
        // On AVX2 it has nothing else for few channels that do not lie in blocks, and those loops take a hundred times
        // as long as the layouts that it likes and the way there and back.
        if (is_reference(of_weights)) of_weights = described(any(from), any(to));
        const memory weight_gradient = of_weights.diff_weights_desc() == weight ? gradient(layer, "weight", weight)
                                                                                : make(of_weights.diff_weights_desc());
        const memory known =
            of_weights.src_desc() == input.get_desc() ? input : backward_.reordered(source, of_weights.src_desc());
        const memory given = backward_.reordered(output_gradient, of_weights.diff_dst_desc());
        Arguments values{{DNNL_ARG_SRC, known}, {DNNL_ARG_DIFF_DST, given}, {DNNL_ARG_DIFF_WEIGHTS, weight_gradient}};
        if (layer.bias) values[DNNL_ARG_DIFF_BIAS] = gradient(layer, "bias", bias);
        backward_.append(dnnl::convolution_backward_weights(of_weights), values);
        backward_.copy(weight_gradient, gradient(layer, "weight", weight));
        if (first) return {};
        const auto of_data = fastest(layer, mixed, [&](algorithm method) {
            return dnnl::convolution_backward_data::primitive_desc(
                {method, any(from), any(sizes, type), as(mixed), strides, before, after}, attributes(), engine(),
                primitive);
        });
        const memory input_gradient = make(of_data.diff_src_desc());
        const memory given_too = of_data.diff_dst_desc() == given.get_desc()
                                     ? given
                                     : backward_.reordered(output_gradient, of_data.diff_dst_desc());
        backward_.append(
            dnnl::convolution_backward_data(of_data),
            {{DNNL_ARG_DIFF_DST, given_too},
             {DNNL_ARG_WEIGHTS, backward_.reordered(tensor(layer, "weight", weight), of_data.weights_desc())},
             {DNNL_ARG_DIFF_SRC, input_gradient}});
        return input_gradient;
    });
}

bool Plan::in_bfloat16(const Layer& layer) const {
    return training() && precision_ == Precision::mixed && channels_of_a_group(layer) >= channels_of_a_vector;
}

void Plan::add_winograd_convolution(const Layer& layer) {
    const memory::desc from = blocked(with_batch(batch_, layer.input), WinogradConvolution::lanes());
    const memory::desc to = blocked(with_batch(batch_, layer.output), WinogradConvolution::lanes());
    const memory input = forward_.reordered(current_, from);
    const memory output = make(to);
    const auto convolution = std::make_shared<WinogradConvolution>(layer, batch_, training(), omp_get_max_threads());
    const auto bias_of = [&](const auto& tensors) { return layer.bias ? tensors(layer.name + ".bias") : nullptr; };
    set_weights([convolution, weight = tensors_.values(layer.name + ".weight"), bias = bias_of(tensors_.values)] {
        convolution->set_weights(weight, bias);
    });
    forward_.append([=] { convolution->forward(data(input), data(output)); });
    current_ = output;
    const bool first = backwards_.empty();
    relu_of_pool_ = layer.relu && pooled_next_;
    on_way_back([=, this, &layer, relu = layer.relu && !pooled_next_](memory output_gradient) -> memory {
        output_gradient = backward_.reordered(output_gradient, to);
        if (relu) output_gradient = relu_backward(output, output_gradient);
        const memory input_gradient = first ? memory() : make(from);
        backward_.append([=, input_values = first ? nullptr : data(input_gradient),
                          weight = tensors_.gradients(layer.name + ".weight"), bias = bias_of(tensors_.gradients)] {
            convolution->backward(data(input), data(output_gradient), input_values, weight, bias);
        });
        return input_gradient;
    });
}

void Plan::add_pooled_convolution(const Layer& layer, const Layer& pool) {
    const memory input = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
    const memory::desc result = blocked(with_batch(batch_, pool.output), PooledConvolution::lanes());
    const memory output = make(result);
    const auto both = std::make_shared<PooledConvolution>(layer, pool, batch_, training(), omp_get_max_threads());
    set_weights([both, weight = tensors_.values(layer.name + ".weight"), bias = tensors_.values(layer.name + ".bias")] {
        both->set_weights(weight, bias);
    });
    forward_.append([=] { both->forward(data(input), data(output)); });
    current_ = output;
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, result);
        backward_.append(
            [=, weight = tensors_.gradients(layer.name + ".weight"), bias = tensors_.gradients(layer.name + ".bias")] {
                both->backward(data(input), data(from), weight, bias);
            });
        return {};
    });
}

void Plan::add_normalised_pool(const Layer& layer, const Layer& pool) {
    const memory::desc channels = row_major({layer.input[0]});
    const memory input = current_;
    const memory::desc result = blocked(with_batch(batch_, pool.output), NormalisedPool::lanes());
    const memory output = make(result);
    const memory mean = make(channels);
    const memory variance = make(channels);
    const auto both = std::make_shared<NormalisedPool>(layer, pool, batch_, omp_get_max_threads());
    const float* const scale = tensors_.values(layer.name + ".scale");
    const float* const shift = tensors_.values(layer.name + ".shift");
    forward_.append([=] { both->forward(data(input), scale, shift, data(mean), data(variance), data(output)); });
    add_running_statistics(layer, mean, variance);
    current_ = output;
    on_way_back([=, this, &layer](const memory& output_gradient) {
        const memory from = backward_.reordered(output_gradient, result);
        memory input_gradient = make(input.get_desc());
        float* const scale_gradient = tensors_.gradients(layer.name + ".scale");
        float* const shift_gradient = tensors_.gradients(layer.name + ".shift");
        backward_.append([=] {
            both->backward(data(input), scale, data(from), data(input_gradient), scale_gradient, shift_gradient);
        });
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

void Plan::add_pooling(const Layer& layer, algorithm method) {
    if (layer.kind == LayerKind::average_pool && layer.input[0] == 1 && backwards_.empty()) {
        const memory image = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
        current_ = make(row_major(with_batch(batch_, layer.output)));
        forward_.append([layer, batch = batch_, image, pooled = current_] {
            average_pool(layer, batch, data(image), data(pooled));
        });
        return;  // nothing before it has weights
    }
    const bool average = layer.kind == LayerKind::average;
    const memory input = current_;
    const memory::desc source = input.get_desc();
    memory::dims output_dims = with_batch(batch_, layer.output);
    memory::dims kernel{layer.kernel[0], layer.kernel[1]};
    memory::dims strides{layer.stride[0], layer.stride[1]};
    if (average) {
        kernel = strides = {layer.input[1], layer.input[2]};
        output_dims = {batch_, layer.output[0], 1, 1};
    }
    const memory::dims before{layer.pad_before[0], layer.pad_before[1]};
    const memory::dims after{layer.pad_after[0], layer.pad_after[1]};
    const dnnl::pooling_forward::primitive_desc primitive(
        {kind(), method, source, any(output_dims), strides, kernel, before, after}, attributes(), engine());
    const memory output = make(primitive.dst_desc());
    Arguments arguments{{DNNL_ARG_SRC, input}, {DNNL_ARG_DST, output}};
    memory workspace;
    if (training() && method == algorithm::pooling_max) {
        workspace = make(primitive.workspace_desc());
        arguments[DNNL_ARG_WORKSPACE] = workspace;
    }
    forward_.append(dnnl::pooling_forward(primitive), arguments);
    current_ = output;
    const memory::desc pooled = row_major(output_dims);
    const memory::desc vector = row_major(with_batch(batch_, layer.output));
    if (average) {
        const memory values = forward_.reordered(output, pooled);
        current_ = memory(vector, engine(), values.get_data_handle());
    }
    const bool relu = std::exchange(relu_of_pool_, false);
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this](memory output_gradient) {
        if (average) {
            output_gradient = backward_.reordered(output_gradient, vector);
            output_gradient = memory(pooled, engine(), output_gradient.get_data_handle());
        }
        output_gradient = backward_.reordered(output_gradient, primitive.dst_desc());
        if (relu) output_gradient = relu_backward(output, output_gradient);
        const dnnl::pooling_backward::primitive_desc of_data(
            {method, source, primitive.dst_desc(), strides, kernel, before, after}, attributes(), engine(), primitive);
        memory input_gradient = make(source);
        Arguments values{{DNNL_ARG_DIFF_DST, output_gradient}, {DNNL_ARG_DIFF_SRC, input_gradient}};
        if (workspace) values[DNNL_ARG_WORKSPACE] = workspace;
        backward_.append(dnnl::pooling_backward(of_data), values);
        return input_gradient;
    });
}

void Plan::add_over_time(const Layer& layer, const OverTime& forward, const OverTimeBackward& backward) {
    const memory::desc before = row_major(with_batch(batch_, layer.input));
    const memory::desc after = row_major(with_batch(batch_, layer.output));
    const memory input = forward_.reordered(current_, before);
    const memory output = make(after);
    forward_.append([=] { forward(data(input), data(output)); });
    current_ = output;
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this](const memory& output_gradient) {
        const memory from = backward_.reordered(output_gradient, after);
        memory input_gradient = make(before);
        backward_.append([=] { backward(data(input), data(output), data(from), data(input_gradient)); });
        return input_gradient;
    });
}

void Plan::add_centre(const Layer& layer) {
    const auto apply = [sizes = Sequences{batch_, layer.input[0], layer.input[1]}, whole = layer.whole](
                           const float* from, float* to) { centre(sizes, whole, from, to); };
    add_over_time(layer, apply, [apply](const float*, const float*, const float* from, float* to) { apply(from, to); });
}

void Plan::add_statistics(const Layer& layer) {
    const Sequences sizes{batch_, layer.input[0], layer.input[1]};
    add_over_time(
        layer,
        [sizes, epsilon = layer.epsilon](const float* input, float* output) {
            statistics_forward(sizes, epsilon, input, output);
        },
        [sizes](const float* input, const float* output, const float* output_gradient, float* input_gradient) {
            statistics_backward(sizes, input, output, output_gradient, input_gradient);
        });
}

/// The first layer of its network, so that no gradient goes further.
void Plan::add_summary(const Layer& layer) {
    const memory input = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
    current_ = make(row_major(with_batch(batch_, layer.output)));
    forward_.append([sizes = Sequences{batch_, layer.input[0], layer.input[1]}, epsilon = layer.epsilon, input,
                     output = current_] { summary(sizes, epsilon, data(input), data(output)); });
}

void Plan::add_attention(const Layer& layer) {
    const memory::desc sequence = row_major(with_batch(batch_, layer.input));
    const memory::desc vector = row_major(with_batch(batch_, layer.output));
    const Sequences sizes{batch_, layer.input[0], layer.input[1]};
    const memory input = forward_.reordered(current_, sequence);
    const memory shares = make(row_major({batch_, layer.input[0]}));
    const memory output = make(vector);
    const float* const weight = tensors_.values(layer.name + ".weight");
    forward_.append([=] { attention_forward(sizes, weight, data(input), data(shares), data(output)); });
    current_ = output;
    const bool first = backwards_.empty();
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, vector);
        const memory input_gradient = make(sequence);
        float* const weight_gradient = tensors_.gradients(layer.name + ".weight");
        backward_.append([=] {
            attention_backward(sizes, weight, data(input), data(shares), data(from), data(input_gradient),
                               weight_gradient);
        });
        return first ? memory() : input_gradient;
    });
}

void Plan::add_sum(const Layer& layer) {
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

void Plan::add_scale(const Layer& layer) {
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

void Plan::add_batch_norm(const Layer& layer) {
    using Flags = dnnl::normalization_flags;
    const memory::desc channels = row_major({layer.input[0]});
    const memory input = current_;
    const memory::desc source = input.get_desc();
    Flags flags = Flags::use_scale | Flags::use_shift;
    if (layer.relu) flags = flags | Flags::fuse_norm_relu;
    if (!training()) flags = flags | Flags::use_global_stats;
    const auto epsilon = static_cast<float>(layer.epsilon);
    const dnnl::batch_normalization_forward::primitive_desc primitive({kind(), source, epsilon, flags}, attributes(),
                                                                      engine());
    const memory output = make(primitive.dst_desc());
    const memory scale = tensor(layer, "scale", channels);
    const memory shift = tensor(layer, "shift", channels);
    const memory mean = training() ? make(channels) : tensor(layer, "mean", channels);
    const memory variance = training() ? make(channels) : tensor(layer, "variance", channels);
    Arguments arguments{{DNNL_ARG_SRC, input},         {DNNL_ARG_DST, output},  {DNNL_ARG_MEAN, mean},
                        {DNNL_ARG_VARIANCE, variance}, {DNNL_ARG_SCALE, scale}, {DNNL_ARG_SHIFT, shift}};
    memory workspace;
    if (training() && layer.relu) {
        workspace = make(primitive.workspace_desc());
        arguments[DNNL_ARG_WORKSPACE] = workspace;
    }
    forward_.append(dnnl::batch_normalization_forward(primitive), arguments);
    current_ = output;
    if (!training()) return;
    add_running_statistics(layer, mean, variance);
    on_way_back([=, this, &layer](memory output_gradient) {
        output_gradient = backward_.reordered(output_gradient, source);
        const dnnl::batch_normalization_backward::primitive_desc of_all(
            {prop_kind::backward, source, source, epsilon, flags}, attributes(), engine(), primitive);
        memory input_gradient = make(source);
        Arguments values{{DNNL_ARG_SRC, input},
                         {DNNL_ARG_MEAN, mean},
                         {DNNL_ARG_VARIANCE, variance},
                         {DNNL_ARG_SCALE, scale},
                         {DNNL_ARG_SHIFT, shift},
                         {DNNL_ARG_DIFF_DST, output_gradient},
                         {DNNL_ARG_DIFF_SRC, input_gradient},
                         {DNNL_ARG_DIFF_SCALE, gradient(layer, "scale", channels)},
                         {DNNL_ARG_DIFF_SHIFT, gradient(layer, "shift", channels)}};
        if (workspace) values[DNNL_ARG_WORKSPACE] = workspace;
        backward_.append(dnnl::batch_normalization_backward(of_all), values);
        return input_gradient;
    });
}

/// running = momentum · running + (1 - momentum) · of the batch, whose variance is divided by one less than the number
/// of values, as Keras' and libtorch's are.
void Plan::add_running_statistics(const Layer& layer, const memory& mean, const memory& variance) {
    float* running_mean = tensors_.values(layer.name + ".mean");
    float* running_variance = tensors_.values(layer.name + ".variance");
    const auto values = static_cast<double>(batch_ * layer.input[1] * layer.input[2]);
    const auto correction = static_cast<float>(values / std::max(values - 1.0, 1.0));
    const auto share = static_cast<float>(1.0 - layer.momentum);
    const std::int64_t channels = layer.input[0];
    forward_.append([=] {
        for (std::int64_t i = 0; i < channels; ++i) {
            running_mean[i] += share * (data(mean)[i] - running_mean[i]);
            running_variance[i] += share * (data(variance)[i] * correction - running_variance[i]);
        }
    });
}

void Plan::add_lstm(const Layer& layer) {
    const std::int64_t frames = layer.input[0];
    const std::int64_t units = layer.output.back();
    const memory::desc sequence = row_major(with_batch(batch_, layer.input));
    const memory::desc all = row_major({batch_, frames, units});
    const memory input = forward_.reordered(current_, sequence);
    const memory states = make(all);
    const auto lstm =
        std::make_shared<Lstm>(Lstm::Sizes{batch_, frames, layer.input[1], units}, training(), omp_get_max_threads());
    set_weights([lstm, weight = tensors_.values(layer.name + ".input_weight"),
                 recurrent = tensors_.values(layer.name + ".recurrent_weight"),
                 bias = tensors_.values(layer.name + ".bias")] { lstm->set_weights(weight, recurrent, bias); });
    forward_.append([=] { lstm->forward(data(input), data(states)); });
    current_ = layer.all_states ? states : last_state(states, frames, units);

    const bool first = backwards_.empty();
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, row_major(with_batch(batch_, layer.output)));
        const memory input_gradient = first ? memory() : make(sequence);
        const Lstm::Gradients gradients{.states = data(from),
                                        .last_state_only = !layer.all_states,
                                        .input = first ? nullptr : data(input_gradient),
                                        .input_weight = tensors_.gradients(layer.name + ".input_weight"),
                                        .recurrent_weight = tensors_.gradients(layer.name + ".recurrent_weight"),
                                        .bias = tensors_.gradients(layer.name + ".bias")};
        backward_.append([=] { lstm->backward(data(input), data(states), gradients); });
        return input_gradient;
    });
}

memory Plan::last_state(const memory& states, std::int64_t frames, std::int64_t units) {
    const memory::desc last = states.get_desc().submemory_desc({batch_, 1, units}, {0, frames - 1, 0});
    const memory state = make(row_major({batch_, 1, units}));
    forward_.append(
        dnnl::reorder(dnnl::reorder::primitive_desc(engine(), last, engine(), state.get_desc(), attributes())),
        {{DNNL_ARG_FROM, states}, {DNNL_ARG_TO, state}});
    return {row_major({batch_, units}), engine(), state.get_data_handle()};
}

void Plan::add_elu(const Layer& /*layer*/) {
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

void Plan::add_sequence(const Layer& layer) {
    const memory::dim channels = layer.input[0];
    const memory::dim columns = layer.input[2];
    const memory::desc after = by_time(with_batch(batch_, layer.output));
    // The image as it lies in that sequence.
    const memory::desc before(with_batch(batch_, layer.input), f32,
                              memory::dims{channels * columns, columns, batch_ * channels * columns, 1});
    const memory source = forward_.reordered(current_, before);
    current_ = memory(after, engine(), source.get_data_handle());
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this](const memory& output_gradient) -> memory {
        const memory gradient = backward_.reordered(output_gradient, after);
        return {before, engine(), gradient.get_data_handle()};
    });
}

/// Gates stand in the order update, reset, candidate, as oneDNN's and Keras' do. oneDNN has one bias for update and
/// reset each, which is the sum of Keras' two, and two for the candidate: the recurrent one comes last.
void Plan::add_gru(const Layer& layer) {
    using dnnl::rnn_direction;
    const memory::dim frames = layer.input[0];
    const memory::dim width = layer.input[1];
    const memory::dim units = layer.output.back();
    const memory::dims input_weight_dims{1, 1, width, 3, units};
    const memory::dims recurrent_weight_dims{1, 1, units, 3, units};
    const memory::desc source({frames, batch_, width}, f32, Tag::tnc);
    const memory::desc result({frames, batch_, units}, f32, Tag::tnc);
    const memory::desc none;
    const memory::desc bias({1, 1, 4, units}, f32, Tag::ldgo);
    const memory::desc input_weight(input_weight_dims, f32, Tag::ldgoi);
    const memory::desc recurrent_weight(recurrent_weight_dims, f32, Tag::ldgoi);
    const dnnl::lbr_gru_forward::primitive_desc primitive(
        {kind(), rnn_direction::unidirectional_left2right, source, none, any(input_weight_dims),
         any(recurrent_weight_dims), bias, result, none},
        attributes(), engine());

    const memory::desc sequence = by_time(with_batch(batch_, layer.input));
    const memory input(source, engine(), forward_.reordered(current_, sequence).get_data_handle());
    const memory states = make(result);
    const memory biases = make(bias);
    set_weights([=, from_input = tensors_.values(layer.name + ".input_bias"),
                 from_state = tensors_.values(layer.name + ".recurrent_bias")] {
        for (memory::dim i = 0; i < 2 * units; ++i) data(biases)[i] = from_input[i] + from_state[i];
        std::copy_n(from_input + 2 * units, units, data(biases) + 2 * units);
        std::copy_n(from_state + 2 * units, units, data(biases) + 3 * units);
    });
    Arguments arguments{
        {DNNL_ARG_SRC_LAYER, input},
        {DNNL_ARG_WEIGHTS_LAYER, weights(layer, "input_weight", input_weight, primitive.weights_layer_desc())},
        {DNNL_ARG_WEIGHTS_ITER, weights(layer, "recurrent_weight", recurrent_weight, primitive.weights_iter_desc())},
        {DNNL_ARG_BIAS, biases},
        {DNNL_ARG_DST_LAYER, states}};
    if (training()) arguments[DNNL_ARG_WORKSPACE] = make(primitive.workspace_desc());
    forward_.append(dnnl::lbr_gru_forward(primitive), arguments);
    // A frame of all sequences lies in one piece.
    const auto output_of = [=, this, all_states = layer.all_states](const memory& all) -> memory {
        if (all_states) return {by_time({batch_, frames, units}), engine(), data(all)};
        return {row_major({batch_, units}), engine(), data(all) + (frames - 1) * batch_ * units};
    };
    current_ = output_of(states);

    on_way_back([=, this, &layer, first = backwards_.empty()](const memory& output_gradient) -> memory {
        const memory state_gradients = make(result);  // of frames that nothing uses: zero, for ever
        backward_.copy(output_gradient, output_of(state_gradients));
        const dnnl::lbr_gru_backward::primitive_desc of_all(
            {prop_kind::backward, rnn_direction::unidirectional_left2right, source, none, any(input_weight_dims),
             any(recurrent_weight_dims), bias, result, none, source, none, any(input_weight_dims),
             any(recurrent_weight_dims), bias, result, none},
            attributes(), engine(), primitive);
        const memory input_gradient = make(source);
        const memory input_weight_gradient = make(of_all.diff_weights_layer_desc());
        const memory recurrent_weight_gradient = make(of_all.diff_weights_iter_desc());
        const memory bias_gradient = make(bias);
        // The primitive adds to these.
        backward_.append([=] {
            for (const memory& sum : {input_weight_gradient, recurrent_weight_gradient, bias_gradient}) {
                std::fill_n(data(sum), sum.get_desc().get_size() / sizeof(float), 0.0F);
            }
        });
        Arguments values = arguments;
        values[DNNL_ARG_WEIGHTS_LAYER] =
            backward_.reordered(tensor(layer, "input_weight", input_weight), of_all.weights_layer_desc());
        values[DNNL_ARG_WEIGHTS_ITER] =
            backward_.reordered(tensor(layer, "recurrent_weight", recurrent_weight), of_all.weights_iter_desc());
        values[DNNL_ARG_DIFF_SRC_LAYER] = input_gradient;
        values[DNNL_ARG_DIFF_WEIGHTS_LAYER] = input_weight_gradient;
        values[DNNL_ARG_DIFF_WEIGHTS_ITER] = recurrent_weight_gradient;
        values[DNNL_ARG_DIFF_BIAS] = bias_gradient;
        values[DNNL_ARG_DIFF_DST_LAYER] = state_gradients;
        backward_.append(dnnl::lbr_gru_backward(of_all), values);
        backward_.copy(input_weight_gradient, gradient(layer, "input_weight", input_weight));
        backward_.copy(recurrent_weight_gradient, gradient(layer, "recurrent_weight", recurrent_weight));
        backward_.append([=, of_input = tensors_.gradients(layer.name + ".input_bias"),
                          of_state = tensors_.gradients(layer.name + ".recurrent_bias")] {
            std::copy_n(data(bias_gradient), 3 * units, of_input);
            std::copy_n(data(bias_gradient), 2 * units, of_state);
            std::copy_n(data(bias_gradient) + 3 * units, units, of_state + 2 * units);
        });
        if (first) return {};
        return {sequence, engine(), data(input_gradient)};
    });
}

void Plan::add_dropout(const Layer& layer) {
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

memory Plan::weights(const Layer& layer, const char* name, const memory::desc& plain, const memory::desc& wanted) {
    const memory values = tensor(layer, name, plain);
    if (mode_ != PlanMode::inference) return forward_.reordered(values, wanted);
    if (wanted == plain) return values;
    const memory result = make(wanted);
    Program once;
    once.copy(values, result);
    once.run(stream_);
    return result;
}

memory Plan::tensor(const Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), tensors_.values(layer.name + "." + name)};
}

memory Plan::gradient(const Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), tensors_.gradients(layer.name + "." + name)};
}

}  // namespace earmark
