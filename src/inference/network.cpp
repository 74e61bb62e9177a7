#include "inference/network.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "core/throw.hpp"
#include "inference/plan.hpp"

namespace earmark {

namespace {

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
                            static_cast<std::int64_t>(model.labels.size()), model.name)) {}

    void forward(std::span<const float> inputs, std::span<float> probabilities) {
        // Parallelism belongs to whoever calls: one file a thread.
        const onednn::Threads single(1);
        const auto segment = static_cast<std::size_t>(element_count(layers_.front().input));
        const std::size_t classes = model_.labels.size();
        const auto segments = static_cast<std::int64_t>(inputs.size() / segment);
        for (std::int64_t first = 0; first < segments; first += largest_batch) {
            const std::int64_t batch = std::min(largest_batch, segments - first);
            Plan& plan = plan_for(batch);
            standardise(inputs.subspan(first * segment, batch * segment), plan.input());
            plan.forward();
            for (std::int64_t i = 0; i < batch; ++i) {
                softmax(plan.output() + i * classes, probabilities.subspan((first + i) * classes, classes));
            }
        }
    }

  private:
    Plan& plan_for(std::int64_t batch) {
        auto& plan = plans_[batch];
        if (!plan) {
            // oneDNN asks for pointers that it could write through, and only reads.
            const auto values = [this](const std::string& name) {
                return const_cast<float*>(model_.tensors.at(name).values.data());
            };
            plan = std::make_unique<Plan>(layers_, batch, PlanMode::inference, PlanTensors{values, {}});
        }
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
