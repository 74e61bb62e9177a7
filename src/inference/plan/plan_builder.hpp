#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inference/plan/plan.hpp"

namespace earmark::inference {

/// Makes a plan of the layers of a network: one layer after the other, each of which adds its steps to the way forward;
/// in training, then the way back. To be used once.
class PlanBuilder {
  public:
    PlanBuilder(const std::vector<model::Layer>& layers, std::int64_t batch, PlanTensors tensors, PlanOptions options);
    Plan build();

    /// Values of the largest output that inference ever holds, of one example.
    static std::int64_t largest_output(const std::vector<model::Layer>& layers);

  private:
    using memory = onednn::memory;
    /// Builds the backward steps of a layer from the gradient of its output, which it must leave as it is, and returns
    /// that of what it takes from its `source`.
    using Backward = std::function<memory(memory)>;

    bool training() const { return options_.mode == PlanMode::training; }
    dnnl::prop_kind kind() const;
    memory make(const memory::desc& description) { return forward_.make(description); }

    void add_layers();
    void add_backwards();
    /// Whether a layer has weights, or comes after some, so that gradients are to reach it.
    bool is_trained(int place) const { return place >= 0 && trained_[place]; }
    void on_way_back(Backward build) { backwards_.push_back({place_, source_, std::move(build)}); }
    void add(const model::Layer& layer);
    /// Adds to the gradient of a layer's output, which is the sum of those of all that take it.
    void add_gradient(int layer, const memory& gradient);
    /// What an add or a scale takes beside the output of its source.
    const memory& second(const model::Layer& layer) const { return outputs_[layer.second]; }
    /// A layer that only takes what lies as `before` for what lies as `after`.
    void add_view(const memory::desc& before, const memory::desc& after);
    void add_reshape(const model::Layer& layer);
    void add_dense(const model::Layer& layer);
    void add_convolution(const model::Layer& layer);
    /// A convolution that does the work of the norm after it, too, whose statistics are known: with other weights.
    const model::Layer& folded(const model::Layer& convolution, const model::Layer& norm);
    bool in_bfloat16(const model::Layer& layer) const;
    void add_frame_convolution(const model::Layer& layer);
    void add_winograd_convolution(const model::Layer& layer);
    void add_pooled_convolution(const model::Layer& layer, const model::Layer& pool);
    void add_band_maximum(const model::Layer& layer, const model::Layer& norm, const model::Layer& pool);
    void add_normalised_pool(const model::Layer& layer, const model::Layer& pool);
    void add_pooling(const model::Layer& layer, dnnl::algorithm algorithm);
    /// From the input to the output of a layer without weights that takes frame after frame.
    using OverTime = std::function<void(const float* input, float* output)>;
    /// From its input, its output and the output's gradient to the input's gradient.
    using OverTimeBackward = std::function<void(const float* input, const float* output, const float* output_gradient,
                                                float* input_gradient)>;
    void add_over_time(const model::Layer& layer, const OverTime& forward, const OverTimeBackward& backward);
    void add_centre(const model::Layer& layer);
    void add_statistics(const model::Layer& layer);
    void add_summary(const model::Layer& layer);
    void add_attention(const model::Layer& layer);
    void add_sum(const model::Layer& layer);
    void add_scale(const model::Layer& layer);
    void add_batch_norm(const model::Layer& layer);
    void add_running_statistics(const model::Layer& layer, const memory& mean, const memory& variance);
    void add_elu(const model::Layer& layer);
    void add_sequence(const model::Layer& layer);
    void add_lstm(const model::Layer& layer);
    void add_gru(const model::Layer& layer);
    void add_older_gru(const model::Layer& layer);
    void add_pad(const model::Layer& layer);
    void add_concatenate(const model::Layer& layer);
    void add_dropout(const model::Layer& layer);
    memory last_state(const memory& states, std::int64_t frames, std::int64_t units);

    /// Calls `set` now if weights never change, else each time the plan runs.
    void set_weights(const std::function<void()>& set);
    /// The same for the weights of a layer of our own, which plans may share.
    template <typename OwnLayer>
    void add_weights(const std::string& name, OwnLayer& layer, const std::function<void()>& set) {
        if (options_.mode != PlanMode::inference) return set_weights(set);
        layer.share(options_.prepared->get<typename OwnLayer::Weights>(name, [&] {
            set_weights(set);
            return layer.weights();
        }));
    }

    /// A tensor of the network in a layout that a primitive wants.
    memory weights(const model::Layer& layer, const char* name, const memory::desc& plain, const memory::desc& wanted);
    memory tensor(const model::Layer& layer, const char* name, const memory::desc& plain) const;
    /// The values of a tensor of the network, or of a convolution that stands for two layers.
    float* values_of(const std::string& name) const;
    memory gradient(const model::Layer& layer, const char* name, const memory::desc& plain) const;
    /// The gradient before ReLU from that after it.
    memory relu_backward(const memory& result, const memory& gradient);

    const std::vector<model::Layer>& layers_;
    std::int64_t batch_;
    PlanTensors tensors_;
    PlanOptions options_;
    Plan plan_;
    onednn::Program& forward_ = plan_.forward_;
    onednn::Program& backward_ = plan_.backward_;
    // The layers' outputs, what the layer to come takes, whether a pool follows it, and whether it is a pool that sees
    // to the ReLU before it.
    std::vector<memory> outputs_;
    memory current_;
    bool pooled_next_ = false;
    bool relu_of_pool_ = false;
    std::vector<bool> trained_;
    // For the way back: the place in the list of the layer being added and of its source, and the steps of each layer
    // that has weights or comes after some; then the gradients of the layers' outputs.
    struct WayBack {
        int place;
        int source;
        Backward build;
    };
    int place_ = 0;
    int source_ = 0;
    // Convolutions that stand for two layers, and where their weights are, by name.
    std::deque<model::Layer> folded_layers_;
    std::map<std::string, float*> folded_tensors_;
    std::vector<WayBack> backwards_;
    std::vector<memory> gradients_;
};

}  // namespace earmark::inference
