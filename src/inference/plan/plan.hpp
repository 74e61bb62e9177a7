#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "inference/plan/precision.hpp"
#include "inference/plan/prepared_weights.hpp"
#include "inference/plan/program.hpp"
#include "inference/plan/workspace.hpp"

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

/// How a plan is built.
struct PlanOptions {
    PlanMode mode = PlanMode::inference;
    Precision precision = Precision::single;
    /// Where the plan works; plans that never run at the same time can share it. Without it a plan has its own.
    std::shared_ptr<Workspace> workspace = {};
    /// In inference, weights that plans of the same network share.
    std::shared_ptr<PreparedWeights> prepared = {};
};

/// The layers of a network as oneDNN primitives for one batch size, ready to run, with data kept in oneDNN's own
/// layouts from one layer to the next. Listening and learning both use it. A PlanBuilder makes it for the number of
/// OpenMP threads at the time, and it is to be run under the same (see onednn::Threads). Not thread-safe.
class Plan {
  public:
    std::int64_t batch() const { return input_.get_desc().dims()[0]; }
    std::int64_t classes() const { return output_.get_desc().dims()[1]; }

    /// batch × the shape of the first layer's input, to be filled before each `forward`. What was there before is lost,
    /// and so are the results of other plans in the same workspace.
    float* input();
    /// batch × classes, after `forward`.
    const float* output() const { return onednn::data(output_); }
    /// What the last dense layer took, after `forward`: batch × its inputs.
    const float* embeddings() const { return onednn::data(embeddings_); }
    void forward();

    /// Factors by which the values of each dropout layer are multiplied in training, in their order, with their number;
    /// to be filled before `forward`.
    struct Dropout {
        double rate;
        std::int64_t count;
        float* factors;
    };
    std::vector<Dropout> dropouts() const;

    /// The gradient of the loss with respect to the output: to be filled before `backward`.
    float* output_gradient() { return onednn::data(output_gradient_); }
    /// Overwrites the gradients of all trained tensors. Once after each `forward`.
    void backward();

  private:
    friend class PlanBuilder;
    Plan(bool training, std::shared_ptr<Workspace> workspace);

    std::shared_ptr<Workspace> workspace_;
    std::shared_ptr<PreparedWeights> prepared_;  // which the steps read
    dnnl::stream stream_;
    onednn::Program forward_;
    onednn::Program backward_;
    onednn::memory input_;
    onednn::memory embeddings_;
    onednn::memory output_;
    onednn::memory output_gradient_;
    std::vector<std::pair<double, onednn::memory>> dropouts_;
};

}  // namespace earmark::inference
