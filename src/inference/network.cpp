#include "inference/network.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "core/throw.hpp"
#include "inference/plan.hpp"
#include "inference/softmax.hpp"

namespace earmark {

class Network::Impl {
  public:
    explicit Impl(const Model& model)
        : model_(model),
          layers_(layers_of(model.network, model.segments.frames, coefficients_of(model.features),
                            static_cast<std::int64_t>(model.labels.size()), model.name)) {}

    void forward(std::span<const float> inputs, std::span<float> probabilities) {
        const std::size_t classes = model_.labels.size();
        run(inputs, [&](std::int64_t segment, std::span<const float> logits) {
            softmax(logits, model_.calibration.temperature, probabilities.subspan(segment * classes, classes));
        });
    }

    void logits(std::span<const float> inputs, std::span<float> result) {
        const std::size_t classes = model_.labels.size();
        run(inputs, [&](std::int64_t segment, std::span<const float> logits) {
            std::ranges::copy(logits, result.begin() + static_cast<std::ptrdiff_t>(segment * classes));
        });
    }

  private:
    /// Calls `take(segment, logits)` for each segment of `inputs`.
    template <typename Take>
    void run(std::span<const float> inputs, Take take) {
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
                take(first + i, std::span<const float>(plan.output() + i * classes, classes));
            }
        }
    }

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

namespace {

template <typename Work>
void on_onednn(Work work) {
    try {
        work();
    } catch (const dnnl::error& error) {
        fail(ErrorCode::internal, "oneDNN cannot run the network: {}", error.what());
    }
}

}  // namespace

void Network::forward(std::span<const float> inputs, std::span<float> probabilities) {
    on_onednn([&] { impl_->forward(inputs, probabilities); });
}

void Network::logits(std::span<const float> inputs, std::span<float> logits) {
    on_onednn([&] { impl_->logits(inputs, logits); });
}

}  // namespace earmark
