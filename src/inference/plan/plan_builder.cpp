#include "inference/plan/plan_builder.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "inference/layers/band_maximum.hpp"
#include "inference/layers/normalised_pool.hpp"
#include "inference/layers/pooled_convolution.hpp"

namespace earmark::inference {

using namespace onednn;
using dnnl::algorithm;
using dnnl::prop_kind;

namespace {

/// Weights in the layout of a primitive, with the memory that holds them.
struct LaidOut {
    base::AlignedVector<std::byte> bytes;
    dnnl::memory memory;
};

LaidOut laid_out(const memory& values, const memory::desc& wanted, dnnl::stream& stream) {
    LaidOut result{base::AlignedVector<std::byte>(wanted.get_size()), {}};
    result.memory = memory(wanted, engine(), result.bytes.data());
    Program once;
    once.copy(values, result.memory);
    once.finish({}, {});
    Workspace workspace;
    workspace.reserve(once.workspace_bytes());
    once.bind(workspace.data());
    once.run(stream);
    return result;
}

/// How many layers take the output of each.
std::vector<int> uses_of(const std::vector<model::Layer>& layers) {
    std::vector<int> uses(layers.size());
    for (const model::Layer& layer : layers) {
        for (const int used : {layer.source, layer.second}) {
            if (used >= 0) ++uses[used];
        }
        for (const int used : layer.others) ++uses[used];
    }
    return uses;
}

/// Of each layer whether it has weights or comes after some.
std::vector<bool> trained_of(const std::vector<model::Layer>& layers) {
    std::vector<bool> trained(layers.size());
    const auto is_trained = [&](int place) { return place >= 0 && trained[place]; };
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const model::Layer& layer = layers[i];
        trained[i] = !model::tensor_specs(layer).empty() || is_trained(layer.source) || is_trained(layer.second) ||
                     std::ranges::any_of(layer.others, is_trained);
    }
    return trained;
}

/// Whether a layer's output goes to the next of the list alone.
bool is_for_next(const std::vector<model::Layer>& layers, const std::vector<int>& uses, std::size_t place) {
    return place + 1 < layers.size() && layers[place + 1].source == static_cast<int>(place) && uses[place] == 1;
}

/// Whether a convolution may do the work of the layer after it, too: a batch norm.
bool does_norm_too(const model::Layer& layer, const model::Layer& next) {
    return layer.kind == model::LayerKind::convolution && !layer.relu && next.kind == model::LayerKind::batch_norm;
}

/// Whether the layer and the two after it are a BandMaximum.
bool is_band_maximum(const std::vector<model::Layer>& layers, const std::vector<int>& uses, std::size_t place) {
    return is_for_next(layers, uses, place) && is_for_next(layers, uses, place + 1) &&
           BandMaximum::fits(layers[place], layers[place + 1], layers[place + 2]);
}

}  // namespace

std::int64_t PlanBuilder::largest_output(const std::vector<model::Layer>& layers) {
    const std::vector<int> uses = uses_of(layers);
    std::int64_t most = 1;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (is_band_maximum(layers, uses, i)) i += 2;
        most = std::max(most, model::element_count(layers[i].output));
    }
    return most;
}

PlanBuilder::PlanBuilder(const std::vector<model::Layer>& layers, std::int64_t batch, PlanTensors tensors,
                         PlanOptions options)
    : layers_(layers),
      batch_(batch),
      tensors_(std::move(tensors)),
      options_(std::move(options)),
      plan_(training(), options_.workspace),
      trained_(trained_of(layers)) {
    if (!options_.prepared) options_.prepared = std::make_shared<PreparedWeights>();
    plan_.prepared_ = options_.prepared;
}

Plan PlanBuilder::build() {
    plan_.input_ = make(row_major(with_batch(batch_, layers_.front().input)));
    add_layers();
    const memory::desc result = row_major(with_batch(batch_, layers_.back().output));
    plan_.output_ = forward_.reordered(outputs_.back(), result);
    if (training()) {
        plan_.output_gradient_ = make(result);
        gradients_.resize(layers_.size());
        gradients_.back() = plan_.output_gradient_;
        add_backwards();
    }
    forward_.finish({plan_.input_}, {plan_.output_, plan_.embeddings_});
    backward_.finish({}, {});
    return std::move(plan_);
}

void PlanBuilder::add_view(const memory::desc& before, const memory::desc& after) {
    current_ = forward_.view(forward_.reordered(current_, before), after);
    if (!is_trained(source_)) return;
    on_way_back([=, this](const memory& output_gradient) {
        return backward_.view(backward_.reordered(output_gradient, after), before);
    });
}

void PlanBuilder::add_reshape(const model::Layer& layer) {
    add_view(row_major(with_batch(batch_, layer.input)), row_major(with_batch(batch_, layer.output)));
}

void PlanBuilder::add_layers() {
    const std::vector<int> uses = uses_of(layers_);
    outputs_.resize(layers_.size());
    const auto count = static_cast<int>(layers_.size());
    for (int i = 0; i < count; ++i) {
        current_ = layers_[i].source < 0 ? plan_.input_ : outputs_[layers_[i].source];
        source_ = layers_[i].source;
        if (!training() && is_band_maximum(layers_, uses, i)) {
            add_band_maximum(layers_[i], layers_[i + 1], layers_[i + 2]);
            i += 2;
            outputs_[i] = current_;
            continue;
        }
        const bool folds = !training() && is_for_next(layers_, uses, i) && does_norm_too(layers_[i], layers_[i + 1]);
        const model::Layer& layer = folds ? folded(layers_[i], layers_[i + 1]) : layers_[i];
        if (folds) ++i;
        const model::Layer* const next = is_for_next(layers_, uses, i) ? &layers_[i + 1] : nullptr;
        pooled_next_ = next != nullptr && next->kind == model::LayerKind::max_pool;
        const bool normalised =
            training() && pooled_next_ && NormalisedPool::fits(layer, *next) &&
            current_.get_desc() == blocked(with_batch(batch_, layer.input), NormalisedPool::lanes());
        const bool first = pooled_next_ && !is_trained(source_) && PooledConvolution::fits(layer, *next);
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

const model::Layer& PlanBuilder::folded(const model::Layer& convolution, const model::Layer& norm) {
    model::Layer& layer = folded_layers_.emplace_back(convolution);
    layer.name += " with " + norm.name;
    layer.output = norm.output;
    layer.bias = true;
    layer.relu = norm.relu;
    struct Folded {
        base::AlignedVector<float> weight;
        base::AlignedVector<float> bias;
    };
    const auto make_folded = [&] {
        const auto all = std::make_shared<Folded>();
        all->bias.resize(layer.output[0]);
        all->weight.resize(layer.output[0] * (layer.input[0] / layer.groups) * layer.kernel[0] * layer.kernel[1]);
        set_weights([all, epsilon = norm.epsilon, weight = values_of(convolution.name + ".weight"),
                     bias = convolution.bias ? values_of(convolution.name + ".bias") : nullptr,
                     scale = values_of(norm.name + ".scale"), shift = values_of(norm.name + ".shift"),
                     mean = values_of(norm.name + ".mean"), variance = values_of(norm.name + ".variance")] {
            const std::size_t size = all->weight.size() / all->bias.size();
            for (std::size_t filter = 0; filter < all->bias.size(); ++filter) {
                const double factor =
                    static_cast<double>(scale[filter]) / std::sqrt(static_cast<double>(variance[filter]) + epsilon);
                for (std::size_t i = filter * size; i < (filter + 1) * size; ++i)
                    all->weight[i] = static_cast<float>(factor * static_cast<double>(weight[i]));
                const double before =
                    (bias != nullptr ? static_cast<double>(bias[filter]) : 0.0) - static_cast<double>(mean[filter]);
                all->bias[filter] = static_cast<float>(static_cast<double>(shift[filter]) + factor * before);
            }
        });
        return all;
    };
    const std::shared_ptr<Folded> all = options_.mode == PlanMode::inference
                                            ? options_.prepared->get<Folded>(layer.name + ", folded", make_folded)
                                            : make_folded();
    folded_tensors_[layer.name + ".weight"] = all->weight.data();
    folded_tensors_[layer.name + ".bias"] = all->bias.data();
    return layer;
}

void PlanBuilder::add_backwards() {
    for (auto way = backwards_.rbegin(); way != backwards_.rend(); ++way) {
        if (!gradients_[way->place]) continue;
        const memory gradient = way->build(gradients_[way->place]);
        if (gradient && way->source >= 0) add_gradient(way->source, gradient);
    }
}

void PlanBuilder::add_gradient(int layer, const memory& gradient) {
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

prop_kind PlanBuilder::kind() const {
    return training() ? prop_kind::forward_training : prop_kind::forward_inference;
}

void PlanBuilder::add(const model::Layer& layer) {
    switch (layer.kind) {
        case model::LayerKind::image:
        case model::LayerKind::flatten:
            add_reshape(layer);
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
            layer.reset_first ? add_older_gru(layer) : add_gru(layer);
            break;
        case model::LayerKind::pad:
            add_pad(layer);
            break;
        case model::LayerKind::concatenate:
            add_concatenate(layer);
            break;
        case model::LayerKind::dropout:
            add_dropout(layer);
            break;
    }
}

memory PlanBuilder::relu_backward(const memory& result, const memory& gradient) {
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

void PlanBuilder::set_weights(const std::function<void()>& function) {
    if (options_.mode == PlanMode::inference) {
        function();
    } else {
        forward_.append(function, {});
    }
}

memory PlanBuilder::weights(const model::Layer& layer, const char* name, const memory::desc& plain,
                            const memory::desc& wanted) {
    const memory values = tensor(layer, name, plain);
    if (options_.mode != PlanMode::inference) return forward_.reordered(values, wanted);
    if (wanted == plain) return values;
    // A batch of another size may want another layout.
    auto& known = *options_.prepared->get<std::deque<LaidOut>>(layer.name + "." + name,
                                                               [] { return std::make_shared<std::deque<LaidOut>>(); });
    const auto found =
        std::ranges::find_if(known, [&](const LaidOut& each) { return each.memory.get_desc() == wanted; });
    if (found != known.end()) return found->memory;
    return known.emplace_back(laid_out(values, wanted, plan_.stream_)).memory;
}

memory PlanBuilder::tensor(const model::Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), values_of(layer.name + "." + name)};
}

float* PlanBuilder::values_of(const std::string& name) const {
    const auto found = folded_tensors_.find(name);
    return found != folded_tensors_.end() ? found->second : tensors_.values(name);
}

memory PlanBuilder::gradient(const model::Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), tensors_.gradients(layer.name + "." + name)};
}

}  // namespace earmark::inference
