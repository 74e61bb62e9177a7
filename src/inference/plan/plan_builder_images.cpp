// The layers of a plan that take images: convolutions, pools and batch norm.

#include <algorithm>
#include <memory>
#include <string_view>

#include "inference/layers/first_convolution.hpp"
#include "inference/layers/frame_convolution.hpp"
#include "inference/layers/normalised_pool.hpp"
#include "inference/layers/wide_convolution.hpp"
#include "inference/layers/winograd_convolution.hpp"
#include "inference/plan/plan_builder.hpp"

namespace earmark::inference {

using namespace onednn;
using dnnl::algorithm;
using dnnl::prop_kind;

namespace {

constexpr std::int64_t channels_of_a_vector = 16;

std::int64_t channels_of_a_group(const model::Layer& layer) {
    return layer.input[0] / layer.groups;
}

/// What `describe(algorithm)` gives for the faster algorithm of a convolution. Winograd's (F(4×4, 3×3); Lavin and Gray,
/// "Fast algorithms for convolutional neural networks", CVPR 2016) takes about half the time of the direct one, but not
/// for inputs of few channels, which it pads to a vector of sixteen. oneDNN has it for 3×3 kernels and AVX-512 alone.
/// Left to choose by itself it takes it too seldom, for gradients of weights above all. Products of bfloat16 numbers
/// are faster still, and direct.
template <typename Describe>
auto fastest(const model::Layer& layer, bool mixed, Describe describe) {
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
void average_pool(const model::Layer& layer, std::int64_t batch, const float* from, float* to) {
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

void PlanBuilder::add_convolution(const model::Layer& layer) {
    if (!training() && FrameConvolution::fits(layer)) return add_frame_convolution(layer);
    if (!in_bfloat16(layer) && !has_avx512() && WinogradConvolution::fits(layer))
        return add_winograd_convolution(layer);
    memory::dims sizes{layer.output[0], layer.input[0] / layer.groups, layer.kernel[0], layer.kernel[1]};
    if (layer.groups > 1) {
        sizes[0] /= layer.groups;
        sizes.insert(sizes.begin(), layer.groups);
    }
    const memory::dims before{layer.pad_before[0], layer.pad_before[1]};
    const memory::dims after{layer.pad_after[0], layer.pad_after[1]};
    const memory::dims strides{layer.stride[0], layer.stride[1]};
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
    const bool first = !is_trained(source_);
    // The largest value of a pool is positive where ReLU's gradient is not zero, so the gradient can pass ReLU when it
    // is still small, before it passes the pool.
    relu_of_pool_ = layer.relu && pooled_next_;
    on_way_back([=, this, &layer, relu = layer.relu && !pooled_next_](memory output_gradient) -> memory {
        output_gradient = backward_.reordered(output_gradient, output.get_desc());
        if (relu) output_gradient = relu_backward(output, output_gradient);
        if (first && FirstConvolution::fits(layer) && output.get_desc() == blocked(to, FirstConvolution::lanes())) {
            const auto both = std::make_shared<FirstConvolution>(layer, batch_, omp_get_max_threads());
            const memory image = backward_.reordered(source, row_major(from));
            backward_.append(
                [=, weight_gradient = tensors_.gradients(layer.name + ".weight")] {
                    both->backward(data(image), data(output_gradient), weight_gradient);
                },
                {image, output_gradient});
            return {};
        }
        if (first && WideConvolution::fits(layer)) {
            const auto wide = std::make_shared<WideConvolution>(layer, batch_);
            const memory image = backward_.reordered(source, row_major(from));
            const memory plain = backward_.reordered(output_gradient, row_major(to));
            backward_.append(
                [=, weight_gradient = tensors_.gradients(layer.name + ".weight"),
                 bias_gradient = layer.bias ? tensors_.gradients(layer.name + ".bias") : nullptr] {
                    wide->backward(data(image), data(plain), weight_gradient, bias_gradient);
                },
                {image, plain});
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

bool PlanBuilder::in_bfloat16(const model::Layer& layer) const {
    return training() && options_.precision == Precision::mixed && channels_of_a_group(layer) >= channels_of_a_vector;
}

void PlanBuilder::add_pooling(const model::Layer& layer, algorithm method) {
    if (layer.kind == model::LayerKind::average_pool && layer.input[0] == 1 && !is_trained(source_)) {
        const memory image = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
        current_ = make(row_major(with_batch(batch_, layer.output)));
        forward_.append([layer, batch = batch_, image,
                         pooled = current_] { average_pool(layer, batch, data(image), data(pooled)); },
                        {image, current_});
        return;  // nothing before it has weights
    }
    const bool average = layer.kind == model::LayerKind::average;
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
        current_ = forward_.view(values, vector);
    }
    const bool relu = std::exchange(relu_of_pool_, false);
    if (!is_trained(source_)) return;
    on_way_back([=, this](memory output_gradient) {
        if (average) {
            output_gradient = backward_.reordered(output_gradient, vector);
            output_gradient = backward_.view(output_gradient, pooled);
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

/// Sequences and vectors are images, too: of one row a frame, and of one pixel.
void PlanBuilder::add_batch_norm(const model::Layer& layer) {
    const memory::desc plain = row_major(with_batch(batch_, layer.input));
    const bool image = layer.input.size() == 3;
    const std::int64_t width = model::element_count(layer.input) / layer.input[0];
    const memory::desc as_image = row_major({batch_, layer.input[0], 1, width});
    using Flags = dnnl::normalization_flags;
    const memory::desc channels = row_major({layer.input[0]});
    const memory input = image ? current_ : forward_.view(forward_.reordered(current_, plain), as_image);
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
    current_ = image ? output : forward_.view(output, plain);
    if (!training()) return;
    add_running_statistics(layer, mean, variance);
    on_way_back([=, this, &layer](memory output_gradient) {
        if (!image) output_gradient = backward_.view(backward_.reordered(output_gradient, plain), as_image);
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
        return image ? input_gradient : backward_.view(input_gradient, plain);
    });
}

/// running = momentum · running + (1 - momentum) · of the batch, whose variance is divided by one less than the number
/// of values, as Keras' and libtorch's are.
void PlanBuilder::add_running_statistics(const model::Layer& layer, const memory& mean, const memory& variance) {
    float* running_mean = values_of(layer.name + ".mean");
    float* running_variance = values_of(layer.name + ".variance");
    const auto values = static_cast<double>(batch_ * model::element_count(layer.input) / layer.input[0]);
    const auto correction = static_cast<float>(values / std::max(values - 1.0, 1.0));
    const auto share = static_cast<float>(1.0 - layer.momentum);
    const std::int64_t channels = layer.input[0];
    forward_.append(
        [=] {
            for (std::int64_t i = 0; i < channels; ++i) {
                running_mean[i] += share * (data(mean)[i] - running_mean[i]);
                running_variance[i] += share * (data(variance)[i] * correction - running_variance[i]);
            }
        },
        {mean, variance});
}

}  // namespace earmark::inference
