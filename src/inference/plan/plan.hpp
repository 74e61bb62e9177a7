#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "inference/plan/onednn.hpp"
#include "inference/plan/precision.hpp"

namespace earmark::inference {

/// What a plan is for.
enum class PlanMode {
    inference,   ///< listening: weights never change, so they are brought into oneDNN's layouts once
    evaluation,  ///< the same results from weights that may change between runs
    training,    ///< with dropout, batch norm over the batch, and gradients
};

/// Whether this processor multiplies bfloat16 numbers by itself.
bool has_bfloat16();

/// Where a plan finds tensors: their values, row-major, by the names of `tensor_specs`, in memory that outlives the plan.
/// Weights of dense layers that change may lie (in, out) instead of (out, in), which products with them prefer.
struct PlanTensors {
    std::function<float*(const std::string& name)> values;
    std::function<float*(const std::string& name)> gradients;  ///< of trained tensors; in training only
    bool dense_transposed = false;
};

/// The layers of a network as oneDNN primitives for one batch size, ready to run, with data kept in oneDNN's own
/// layouts from one layer to the next. Listening and learning both use it. Built for the number of OpenMP threads at
/// the time, to be run under the same (see onednn::Threads). Not thread-safe.
class Plan {
  public:
    Plan(const std::vector<model::Layer>& layers, std::int64_t batch, PlanMode mode, PlanTensors tensors,
         Precision precision = Precision::single);

    std::int64_t batch() const { return batch_; }
    std::int64_t classes() const { return output_.get_desc().dims()[1]; }

    /// batch × the shape of the first layer's input, to be filled before `forward`.
    float* input() { return data(input_); }
    /// batch × classes, after `forward`.
    const float* output() { return data(output_); }
    /// What the last dense layer took, after `forward`: batch × its inputs.
    const float* embeddings() { return data(embeddings_); }
    void forward();

    /// Factors by which the values of each dropout layer are multiplied in training, in their order, with their number;
    /// to be filled before `forward`.
    struct Dropout {
        double rate;
        std::int64_t count;
        float* factors;
    };
    std::vector<Dropout> dropouts();

    /// The gradient of the loss with respect to the output: to be filled before `backward`.
    float* output_gradient() { return data(output_gradient_); }
    /// Overwrites the gradients of all trained tensors. Once after each `forward`.
    void backward();

  private:
    using memory = onednn::memory;
    /// Builds the backward steps of a layer from the gradient of its output, which it must leave as it is, and returns
    /// that of what it takes from its `source`.
    using Backward = std::function<memory(memory)>;

    static float* data(const memory& memory) { return static_cast<float*>(memory.get_data_handle()); }
    memory make(const memory::desc& description) { return forward_.make(description); }
    bool training() const { return mode_ == PlanMode::training; }
    dnnl::prop_kind kind() const;

    void add_layers(const std::vector<model::Layer>& layers);
    void add_backwards();
    void on_way_back(Backward build) { backwards_.push_back({place_, source_, std::move(build)}); }
    void add(const model::Layer& layer);
    /// Adds to the gradient of a layer's output, which is the sum of those of all that take it.
    void add_gradient(int layer, const memory& gradient);
    /// What an add or a scale takes beside the output of its source.
    const memory& second(const model::Layer& layer) const { return outputs_[layer.second]; }
    void reshape(const model::Layer& layer);
    void add_dense(const model::Layer& layer);
    void add_convolution(const model::Layer& layer);
    bool in_bfloat16(const model::Layer& layer) const;
    void add_winograd_convolution(const model::Layer& layer);
    void add_pooled_convolution(const model::Layer& layer, const model::Layer& pool);
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
    void add_dropout(const model::Layer& layer);
    memory last_state(const memory& states, std::int64_t frames, std::int64_t units);

    void set_weights(const std::function<void()>& function);

    /// A tensor of the network in a layout that a primitive wants.
    memory weights(const model::Layer& layer, const char* name, const memory::desc& plain, const memory::desc& wanted);
    memory tensor(const model::Layer& layer, const char* name, const memory::desc& plain) const;
    memory gradient(const model::Layer& layer, const char* name, const memory::desc& plain) const;
    /// The gradient before ReLU from that after it.
    memory relu_backward(const memory& result, const memory& gradient);

    std::int64_t batch_;
    PlanMode mode_;
    PlanTensors tensors_;
    Precision precision_;
    dnnl::stream stream_;
    onednn::Program forward_;
    onednn::Program backward_;
    memory input_;
    // While the plan is built: the layers' outputs, what the layer to come takes, whether a pool follows it, and
    // whether it is a pool that sees to the ReLU before it.
    std::vector<memory> outputs_;
    memory current_;
    bool pooled_next_ = false;
    bool relu_of_pool_ = false;
    // For the way back: the place in the list of the layer being added and of its source, and the steps of each layer
    // that has weights or comes after some; then the gradients of the layers' outputs.
    struct WayBack {
        int place;
        int source;
        Backward build;
    };
    int place_ = 0;
    int source_ = 0;
    std::vector<WayBack> backwards_;
    std::vector<memory> gradients_;
    memory embeddings_;
    memory output_;
    memory output_gradient_;
    std::vector<std::pair<double, memory>> dropouts_;
};

}  // namespace earmark::inference
