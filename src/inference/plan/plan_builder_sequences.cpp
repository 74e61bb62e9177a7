// The layers of a plan that take frame after frame.

#include <algorithm>
#include <memory>

#include "inference/layers/lstm.hpp"
#include "inference/layers/older_gru.hpp"
#include "inference/layers/time_pooling.hpp"
#include "inference/plan/plan_builder.hpp"

namespace earmark::inference {

using namespace onednn;
using dnnl::prop_kind;

void PlanBuilder::add_over_time(const model::Layer& layer, const OverTime& forward, const OverTimeBackward& backward) {
    const memory::desc before = row_major(with_batch(batch_, layer.input));
    const memory::desc after = row_major(with_batch(batch_, layer.output));
    const memory input = forward_.reordered(current_, before);
    const memory output = make(after);
    forward_.append([=] { forward(data(input), data(output)); }, {input, output});
    current_ = output;
    if (!is_trained(source_)) return;
    on_way_back([=, this](const memory& output_gradient) {
        const memory from = backward_.reordered(output_gradient, after);
        memory input_gradient = make(before);
        backward_.append([=] { backward(data(input), data(output), data(from), data(input_gradient)); },
                         {from, input_gradient});
        return input_gradient;
    });
}

void PlanBuilder::add_pad(const model::Layer& layer) {
    const std::int64_t before = layer.pad_before[0] * layer.input[1];
    const std::int64_t of_an_input = model::element_count(layer.input);
    const std::int64_t of_an_output = model::element_count(layer.output);
    add_over_time(
        layer,
        [=, batch = batch_](const float* input, float* output) {
            std::fill_n(output, batch * of_an_output, 0.0F);
            for (std::int64_t i = 0; i < batch; ++i)
                std::copy_n(input + i * of_an_input, of_an_input, output + i * of_an_output + before);
        },
        [=, batch = batch_](const float*, const float*, const float* output_gradient, float* input_gradient) {
            for (std::int64_t i = 0; i < batch; ++i)
                std::copy_n(output_gradient + i * of_an_output + before, of_an_input, input_gradient + i * of_an_input);
        });
}

void PlanBuilder::add_centre(const model::Layer& layer) {
    const auto apply = [sizes = Sequences{batch_, layer.input[0], layer.input[1]}, whole = layer.whole](
                           const float* from, float* to) { centre(sizes, whole, from, to); };
    add_over_time(layer, apply, [apply](const float*, const float*, const float* from, float* to) { apply(from, to); });
}

void PlanBuilder::add_statistics(const model::Layer& layer) {
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
void PlanBuilder::add_summary(const model::Layer& layer) {
    const memory input = forward_.reordered(current_, row_major(with_batch(batch_, layer.input)));
    const memory output = make(row_major(with_batch(batch_, layer.output)));
    forward_.append([sizes = Sequences{batch_, layer.input[0], layer.input[1]}, epsilon = layer.epsilon, input,
                     output] { summary(sizes, epsilon, data(input), data(output)); },
                    {input, output});
    current_ = output;
}

void PlanBuilder::add_attention(const model::Layer& layer) {
    const memory::desc sequence = row_major(with_batch(batch_, layer.input));
    const memory::desc vector = row_major(with_batch(batch_, layer.output));
    const Sequences sizes{batch_, layer.input[0], layer.input[1]};
    const memory input = forward_.reordered(current_, sequence);
    const memory shares = make(row_major({batch_, layer.input[0]}));
    const memory output = make(vector);
    const float* const weight = values_of(layer.name + ".weight");
    forward_.append([=] { attention_forward(sizes, weight, data(input), data(shares), data(output)); },
                    {input, shares, output});
    current_ = output;
    const bool first = !is_trained(source_);
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, vector);
        const memory input_gradient = make(sequence);
        float* const weight_gradient = tensors_.gradients(layer.name + ".weight");
        backward_.append(
            [=] {
                attention_backward(sizes, weight, data(input), data(shares), data(from), data(input_gradient),
                                   weight_gradient);
            },
            {from, input_gradient});
        return first ? memory() : input_gradient;
    });
}

void PlanBuilder::add_lstm(const model::Layer& layer) {
    const std::int64_t frames = layer.input[0];
    const std::int64_t units = layer.output.back();
    const memory::desc sequence = row_major(with_batch(batch_, layer.input));
    const memory::desc all = row_major({batch_, frames, units});
    const memory input = forward_.reordered(current_, sequence);
    const memory states = make(all);
    const auto lstm =
        std::make_shared<Lstm>(Lstm::Sizes{batch_, frames, layer.input[1], units}, training(), omp_get_max_threads());
    add_weights(layer.name, *lstm,
                [lstm, weight = values_of(layer.name + ".input_weight"),
                 recurrent = values_of(layer.name + ".recurrent_weight"),
                 bias = values_of(layer.name + ".bias")] { lstm->set_weights(weight, recurrent, bias); });
    forward_.append([=] { lstm->forward(data(input), data(states)); }, {input, states});
    current_ = layer.all_states ? states : last_state(states, frames, units);

    const bool first = !is_trained(source_);
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, row_major(with_batch(batch_, layer.output)));
        const memory input_gradient = first ? memory() : make(sequence);
        const Lstm::Gradients gradients{.last_state_only = !layer.all_states,
                                        .input_weight = tensors_.gradients(layer.name + ".input_weight"),
                                        .recurrent_weight = tensors_.gradients(layer.name + ".recurrent_weight"),
                                        .bias = tensors_.gradients(layer.name + ".bias")};
        backward_.append(
            [=] {
                Lstm::Gradients filled = gradients;
                filled.states = data(from);
                if (input_gradient) filled.input = data(input_gradient);
                lstm->backward(data(input), data(states), filled);
            },
            {from, input_gradient});
        return input_gradient;
    });
}

memory PlanBuilder::last_state(const memory& states, std::int64_t frames, std::int64_t units) {
    const memory::desc last = states.get_desc().submemory_desc({batch_, 1, units}, {0, frames - 1, 0});
    const memory state = make(row_major({batch_, 1, units}));
    forward_.append(
        dnnl::reorder(dnnl::reorder::primitive_desc(engine(), last, engine(), state.get_desc(), attributes())),
        {{DNNL_ARG_FROM, states}, {DNNL_ARG_TO, state}});
    return forward_.view(state, row_major({batch_, units}));
}

void PlanBuilder::add_sequence(const model::Layer& layer) {
    const memory::dim channels = layer.input[0];
    const memory::dim columns = layer.input[2];
    const memory::desc after = by_time(with_batch(batch_, layer.output));
    // The image as it lies in that sequence.
    const memory::desc before(with_batch(batch_, layer.input), f32,
                              memory::dims{channels * columns, columns, batch_ * channels * columns, 1});
    add_view(before, after);
}

/// Gates stand in the order update, reset, candidate, as oneDNN's and Keras' do. oneDNN has one bias for update and
/// reset each, which is the sum of Keras' two, and two for the candidate: the recurrent one comes last.
void PlanBuilder::add_gru(const model::Layer& layer) {
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
    const memory input = forward_.view(forward_.reordered(current_, sequence), source);
    const memory states = make(result);
    const memory biases = forward_.keep(bias);
    set_weights([=, from_input = values_of(layer.name + ".input_bias"),
                 from_state = values_of(layer.name + ".recurrent_bias")] {
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
    const auto output_of = [=, this, all_states = layer.all_states](Program& program, const memory& all) {
        if (all_states) return program.view(all, by_time({batch_, frames, units}));
        return program.view(all, row_major({batch_, units}), (frames - 1) * batch_ * units * sizeof(float));
    };
    current_ = output_of(forward_, states);

    on_way_back([=, this, &layer, first = !is_trained(source_)](const memory& output_gradient) -> memory {
        const memory state_gradients = backward_.keep(result);  // of frames that nothing uses: zero, for ever
        backward_.copy(output_gradient, output_of(backward_, state_gradients));
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
        backward_.append(
            [=] {
                for (const memory& sum : {input_weight_gradient, recurrent_weight_gradient, bias_gradient}) {
                    std::fill_n(data(sum), sum.get_desc().get_size() / sizeof(float), 0.0F);
                }
            },
            {input_weight_gradient, recurrent_weight_gradient, bias_gradient});
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
        backward_.append(
            [=, of_input = tensors_.gradients(layer.name + ".input_bias"),
             of_state = tensors_.gradients(layer.name + ".recurrent_bias")] {
                std::copy_n(data(bias_gradient), 3 * units, of_input);
                std::copy_n(data(bias_gradient), 2 * units, of_state);
                std::copy_n(data(bias_gradient) + 3 * units, units, of_state + 2 * units);
            },
            {bias_gradient});
        if (first) return {};
        return backward_.view(input_gradient, sequence);
    });
}

void PlanBuilder::add_older_gru(const model::Layer& layer) {
    const std::int64_t frames = layer.input[0];
    const std::int64_t units = layer.output.back();
    const memory::desc sequence = row_major(with_batch(batch_, layer.input));
    const memory input = forward_.reordered(current_, sequence);
    const memory states = make(row_major({batch_, frames, units}));
    const auto gru = std::make_shared<OlderGru>(OlderGru::Sizes{batch_, frames, layer.input[1], units});
    const OlderGru::Weights weights{.input = values_of(layer.name + ".input_weight"),
                                    .recurrent = values_of(layer.name + ".recurrent_weight"),
                                    .bias = values_of(layer.name + ".input_bias")};
    forward_.append([=] { gru->forward(weights, data(input), data(states)); }, {input, states});
    current_ = layer.all_states ? states : last_state(states, frames, units);

    const bool first = !is_trained(source_);
    on_way_back([=, this, &layer](const memory& output_gradient) -> memory {
        const memory from = backward_.reordered(output_gradient, row_major(with_batch(batch_, layer.output)));
        const memory input_gradient = first ? memory() : make(sequence);
        const OlderGru::Gradients gradients{.input_weight = tensors_.gradients(layer.name + ".input_weight"),
                                            .recurrent_weight = tensors_.gradients(layer.name + ".recurrent_weight"),
                                            .bias = tensors_.gradients(layer.name + ".input_bias")};
        backward_.append(
            [=, last_only = !layer.all_states] {
                gru->backward(weights, data(input), data(states), data(from), last_only,
                              first ? nullptr : data(input_gradient), gradients);
            },
            {from, input_gradient});
        return input_gradient;
    });
}

}  // namespace earmark::inference
