#include "inference/network.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <dnnl.hpp>
#include <map>
#include <unordered_map>
#include <vector>

#include "core/throw.hpp"
#include "model/layers.hpp"

namespace earmark {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;
constexpr auto f32 = memory::data_type::f32;

/// Keeps oneDNN on the calling thread while it lives: parallelism belongs to whoever calls, one file a thread.
class SingleThread {
  public:
    SingleThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
    ~SingleThread() { omp_set_num_threads(before_); }
    SingleThread(const SingleThread&) = delete;
    SingleThread& operator=(const SingleThread&) = delete;

  private:
    int before_;
};

memory::dims with_batch(std::int64_t batch, const Shape& shape) {
    memory::dims dims{batch};
    dims.insert(dims.end(), shape.begin(), shape.end());
    return dims;
}

Tag plain(std::size_t dimensions) {
    switch (dimensions) {
        case 1:
            return Tag::a;
        case 2:
            return Tag::ab;
        case 3:
            return Tag::abc;
        default:
            return Tag::abcd;
    }
}

/// The primitives of a network for one batch size, ready to run.
class Plan {
  public:
    Plan(const dnnl::engine& engine, const dnnl::stream& stream, const Model& model, const std::vector<Layer>& layers,
         std::int64_t batch)
        : engine_(engine), stream_(stream), model_(model), batch_(batch) {
        input_ = memory({with_batch(batch, layers.front().input), f32, Tag::abc}, engine_);
        current_ = input_;
        for (const Layer& layer : layers) add(layer);
        current_ = reordered(current_, {with_batch(batch, layers.back().output), f32, Tag::ab});
        stream_.wait();
    }

    float* input() { return static_cast<float*>(input_.get_data_handle()); }
    const float* output() { return static_cast<const float*>(current_.get_data_handle()); }

    void run() {
        for (auto& [primitive, arguments] : steps_) primitive.execute(stream_, arguments);
        stream_.wait();
    }

  private:
    void add(const Layer& layer) {
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
                add_max_pool(layer);
                break;
            case LayerKind::batch_norm:
                add_batch_norm(layer);
                break;
            case LayerKind::lstm:
                add_lstm(layer);
                break;
            case LayerKind::dropout:
                break;  // does nothing outside training
        }
    }

    /// The same values in the same order under another shape.
    void reshape(const Layer& layer) {
        const memory::dims before = with_batch(batch_, layer.input);
        const memory::dims after = with_batch(batch_, layer.output);
        const memory source = reordered(current_, {before, f32, plain(before.size())});
        current_ = memory({after, f32, plain(after.size())}, engine_, source.get_data_handle());
        kept_.push_back(source);
    }

    void add_dense(const Layer& layer) {
        const memory weights = tensor(layer, "weight", {layer.output[0], layer.input[0]}, Tag::ab);
        const memory bias = tensor(layer, "bias", {layer.output[0]}, Tag::a);
        const dnnl::inner_product_forward::desc description(dnnl::prop_kind::forward_inference,
                                                            {with_batch(batch_, layer.input), f32, Tag::any},
                                                            {weights.get_desc().dims(), f32, Tag::any}, bias.get_desc(),
                                                            {with_batch(batch_, layer.output), f32, Tag::any});
        const dnnl::inner_product_forward::primitive_desc primitive(description, attributes(layer), engine_);
        append_weighted(dnnl::inner_product_forward(primitive), primitive, weights, bias);
    }

    void add_convolution(const Layer& layer) {
        const memory weights =
            tensor(layer, "weight", {layer.output[0], layer.input[0], layer.kernel[0], layer.kernel[1]}, Tag::abcd);
        const memory bias = tensor(layer, "bias", {layer.output[0]}, Tag::a);
        const dnnl::convolution_forward::desc description(
            dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto,
            {with_batch(batch_, layer.input), f32, Tag::any}, {weights.get_desc().dims(), f32, Tag::any},
            bias.get_desc(), {with_batch(batch_, layer.output), f32, Tag::any}, {1, 1}, {0, 0}, {0, 0});
        const dnnl::convolution_forward::primitive_desc primitive(description, attributes(layer), engine_);
        append_weighted(dnnl::convolution_forward(primitive), primitive, weights, bias);
    }

    void add_max_pool(const Layer& layer) {
        const dnnl::pooling_forward::desc description(
            dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, current_.get_desc(),
            {with_batch(batch_, layer.output), f32, Tag::any}, {layer.stride[0], layer.stride[1]},
            {layer.kernel[0], layer.kernel[1]}, {layer.pad_before[0], layer.pad_before[1]},
            {layer.pad_after[0], layer.pad_after[1]});
        const dnnl::pooling_forward::primitive_desc primitive(description, engine_);
        memory result(primitive.dst_desc(), engine_);
        append(dnnl::pooling_forward(primitive), {{DNNL_ARG_SRC, current_}, {DNNL_ARG_DST, result}});
        current_ = result;
    }

    void add_batch_norm(const Layer& layer) {
        using Flags = dnnl::normalization_flags;
        const Shape channels{layer.input[0]};
        const dnnl::batch_normalization_forward::desc description(
            dnnl::prop_kind::forward_inference, current_.get_desc(), static_cast<float>(layer.epsilon),
            Flags::use_global_stats | Flags::use_scale | Flags::use_shift);
        const dnnl::batch_normalization_forward::primitive_desc primitive(description, engine_);
        append(dnnl::batch_normalization_forward(primitive),
               {{DNNL_ARG_SRC, current_},
                {DNNL_ARG_DST, current_},
                {DNNL_ARG_MEAN, tensor(layer, "mean", channels, Tag::a)},
                {DNNL_ARG_VARIANCE, tensor(layer, "variance", channels, Tag::a)},
                {DNNL_ARG_SCALE, tensor(layer, "scale", channels, Tag::a)},
                {DNNL_ARG_SHIFT, tensor(layer, "shift", channels, Tag::a)}});
    }

    void add_lstm(const Layer& layer) {
        const std::int64_t frames = layer.input[0];
        const std::int64_t width = layer.input[1];
        const std::int64_t units = layer.output.back();
        // Sequences lie batch × frames × values between layers; oneDNN names dimensions time, batch, values.
        const memory::desc source({frames, batch_, width}, f32, Tag::ntc);
        const memory::desc result({frames, batch_, units}, f32, Tag::ntc);
        // The file keeps (4 units, inputs), gates outermost: oneDNN's "ldgoi".
        const memory input_weights = tensor(layer, "input_weight", {1, 1, width, 4, units}, Tag::ldgoi);
        const memory recurrent_weights = tensor(layer, "recurrent_weight", {1, 1, units, 4, units}, Tag::ldgoi);
        const memory bias = tensor(layer, "bias", {1, 1, 4, units}, Tag::ldgo);
        const dnnl::lstm_forward::desc description(
            dnnl::prop_kind::forward_inference, dnnl::rnn_direction::unidirectional_left2right, source, {}, {},
            {{1, 1, width, 4, units}, f32, Tag::any}, {{1, 1, units, 4, units}, f32, Tag::any}, bias.get_desc(), result,
            {}, {});
        const dnnl::lstm_forward::primitive_desc primitive(description, engine_);
        const memory sequence(source, engine_, current_.get_data_handle());
        kept_.push_back(current_);
        memory states(result, engine_);
        append(dnnl::lstm_forward(primitive),
               {{DNNL_ARG_SRC_LAYER, sequence},
                {DNNL_ARG_WEIGHTS_LAYER, reordered_now(input_weights, primitive.weights_layer_desc())},
                {DNNL_ARG_WEIGHTS_ITER, reordered_now(recurrent_weights, primitive.weights_iter_desc())},
                {DNNL_ARG_BIAS, bias},
                {DNNL_ARG_DST_LAYER, states}});
        current_ = memory({{batch_, frames, units}, f32, Tag::abc}, engine_, states.get_data_handle());
        kept_.push_back(states);
        if (!layer.all_states) {
            const memory::desc last = current_.get_desc().submemory_desc({batch_, 1, units}, {0, frames - 1, 0});
            memory state({{batch_, 1, units}, f32, Tag::abc}, engine_);
            append(dnnl::reorder(dnnl::reorder::primitive_desc(engine_, last, engine_, state.get_desc())),
                   {{DNNL_ARG_SRC, current_}, {DNNL_ARG_DST, state}});
            current_ = memory({{batch_, units}, f32, Tag::ab}, engine_, state.get_data_handle());
            kept_.push_back(state);
        }
    }

    dnnl::primitive_attr attributes(const Layer& layer) const {
        dnnl::primitive_attr attributes;
        if (layer.relu) {
            dnnl::post_ops operations;
            operations.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
            attributes.set_post_ops(operations);
        }
        return attributes;
    }

    template <typename PrimitiveDescription>
    void append_weighted(const dnnl::primitive& primitive, const PrimitiveDescription& description,
                         const memory& weights, const memory& bias) {
        const memory source = reordered(current_, description.src_desc());
        memory result(description.dst_desc(), engine_);
        append(primitive, {{DNNL_ARG_SRC, source},
                           {DNNL_ARG_WEIGHTS, reordered_now(weights, description.weights_desc())},
                           {DNNL_ARG_BIAS, bias},
                           {DNNL_ARG_DST, result}});
        current_ = result;
    }

    void append(const dnnl::primitive& primitive, std::unordered_map<int, memory> arguments) {
        steps_.emplace_back(primitive, std::move(arguments));
    }

    /// The values of `source` in the layout wanted, each time the plan runs.
    memory reordered(const memory& source, const memory::desc& wanted) {
        if (source.get_desc() == wanted) return source;
        memory result(wanted, engine_);
        append(dnnl::reorder(source, result), {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, result}});
        return result;
    }

    /// The values of `source` in the layout wanted, once and for all.
    memory reordered_now(const memory& source, const memory::desc& wanted) {
        if (source.get_desc() == wanted) return source;
        memory from = source;
        memory result(wanted, engine_);
        dnnl::reorder(from, result).execute(stream_, from, result);
        stream_.wait();
        return result;
    }

    /// A tensor of the model, in place: oneDNN only reads it.
    memory tensor(const Layer& layer, const char* name, const memory::dims& dims, Tag tag) const {
        const Tensor& found = model_.tensors.at(layer.name + "." + name);
        return {{dims, f32, tag}, engine_, const_cast<float*>(found.values.data())};
    }

    dnnl::engine engine_;
    dnnl::stream stream_;
    const Model& model_;
    std::int64_t batch_;
    memory input_;
    memory current_;
    std::vector<memory> kept_;  // owners of memory that other objects point into
    std::vector<std::pair<dnnl::primitive, std::unordered_map<int, memory>>> steps_;
};

void softmax(const float* logits, std::span<float> probabilities) {
    const float highest = *std::max_element(logits, logits + probabilities.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < probabilities.size(); ++i) sum += std::exp(static_cast<double>(logits[i]) - highest);
    if (!std::isfinite(sum)) {
        fail(ErrorCode::internal, "the network's output is not finite. Its weights are unfit for this input.");
    }
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        probabilities[i] = static_cast<float>(std::exp(static_cast<double>(logits[i]) - highest) / sum);
    }
}

}  // namespace

class Network::Impl {
  public:
    explicit Impl(const Model& model)
        : model_(model),
          layers_(layers_of(model.network, model.segments.frames, coefficients_of(model.features),
                            static_cast<std::int64_t>(model.labels.size()), model.name)),
          engine_(dnnl::engine::kind::cpu, 0),
          stream_(engine_) {}

    void forward(std::span<const float> inputs, std::span<float> probabilities) {
        const SingleThread single;
        const auto segment = static_cast<std::size_t>(element_count(layers_.front().input));
        const std::size_t classes = model_.labels.size();
        const auto segments = static_cast<std::int64_t>(inputs.size() / segment);
        for (std::int64_t first = 0; first < segments; first += largest_batch) {
            const std::int64_t batch = std::min(largest_batch, segments - first);
            Plan& plan = plan_for(batch);
            standardise(inputs.subspan(first * segment, batch * segment), plan.input());
            plan.run();
            for (std::int64_t i = 0; i < batch; ++i) {
                softmax(plan.output() + i * classes, probabilities.subspan((first + i) * classes, classes));
            }
        }
    }

  private:
    Plan& plan_for(std::int64_t batch) {
        auto& plan = plans_[batch];
        if (!plan) plan = std::make_unique<Plan>(engine_, stream_, model_, layers_, batch);
        return *plan;
    }

    void standardise(std::span<const float> inputs, float* result) const {
        const std::vector<float>& mean = model_.tensors.at("input.mean").values;
        const std::vector<float>& scale = model_.tensors.at("input.scale").values;
        const std::size_t width = mean.size();
        bool finite = true;
        for (std::size_t row = 0; row < inputs.size(); row += width) {
            for (std::size_t i = 0; i < width; ++i) {
                result[row + i] = (inputs[row + i] - mean[i]) * scale[i];
                finite = finite && std::isfinite(result[row + i]);
            }
        }
        if (!finite) fail(ErrorCode::bad_data, "the features hold a value that is not finite.");
    }

    const Model& model_;
    std::vector<Layer> layers_;
    dnnl::engine engine_;
    dnnl::stream stream_;
    std::map<std::int64_t, std::unique_ptr<Plan>> plans_;
};

Network::Network(const Model& model) {
    try {
        impl_ = std::make_unique<Impl>(model);
    } catch (const dnnl::error& error) {
        fail(ErrorCode::internal, "oneDNN cannot be used: {}", error.what());
    }
}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

void Network::forward(std::span<const float> inputs, std::span<float> probabilities) {
    try {
        impl_->forward(inputs, probabilities);
    } catch (const dnnl::error& error) {
        fail(ErrorCode::internal, "oneDNN cannot run the network: {}", error.what());
    }
}

}  // namespace earmark
