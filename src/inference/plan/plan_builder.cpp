#include "inference/plan/plan_builder.hpp"

#include <algorithm>
#include <deque>

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

}  // namespace

PlanBuilder::PlanBuilder(const std::vector<model::Layer>& layers, std::int64_t batch, PlanTensors tensors,
                         PlanOptions options)
    : layers_(layers),
      batch_(batch),
      tensors_(std::move(tensors)),
      options_(std::move(options)),
      plan_(training(), options_.workspace) {
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
    if (backwards_.empty()) return;  // nothing before it has weights
    on_way_back([=, this](const memory& output_gradient) {
        return backward_.view(backward_.reordered(output_gradient, after), before);
    });
}

void PlanBuilder::add_reshape(const model::Layer& layer) {
    add_view(row_major(with_batch(batch_, layer.input)), row_major(with_batch(batch_, layer.output)));
}

void PlanBuilder::add_layers() {
    std::vector<int> uses(layers_.size());
    for (const model::Layer& layer : layers_) {
        for (const int used : {layer.source, layer.second}) {
            if (used >= 0) ++uses[used];
        }
    }
    outputs_.resize(layers_.size());
    const auto count = static_cast<int>(layers_.size());
    for (int i = 0; i < count; ++i) {
        const model::Layer& layer = layers_[i];
        const bool alone = i + 1 < count && layers_[i + 1].source == i && uses[i] == 1;
        const model::Layer* const next = alone ? &layers_[i + 1] : nullptr;
        pooled_next_ = next != nullptr && next->kind == model::LayerKind::max_pool;
        current_ = layer.source < 0 ? plan_.input_ : outputs_[layer.source];
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
            add_gru(layer);
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
    return {plain, engine(), tensors_.values(layer.name + "." + name)};
}

memory PlanBuilder::gradient(const model::Layer& layer, const char* name, const memory::desc& plain) const {
    return {plain, engine(), tensors_.gradients(layer.name + "." + name)};
}

}  // namespace earmark::inference
