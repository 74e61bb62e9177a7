#include "inference/plan/network.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "base/throw.hpp"
#include "inference/layers/sigmoid.hpp"
#include "inference/layers/softmax.hpp"
#include "inference/plan/plan_builder.hpp"
#include "model/ensemble.hpp"

namespace earmark::inference {

namespace {

/// Numbers that the largest layer may make of a batch: 8 MB, of which a workspace has room for a few. More segments at a
/// time would not be faster.
constexpr std::int64_t values_of_a_batch = std::int64_t{1} << 21;

/// One of the networks of a model.
class Member {
  public:
    /// @param workspace  of all networks of the model, which run one after the other
    Member(const Model& model, const model::MemberNetwork& member, std::shared_ptr<Workspace> workspace)
        : model_(model),
          prefix_(member.prefix),
          layers_(model::build_layers(member, model, model.name)),
          mean_(tensor("input.mean")),
          scale_(tensor("input.scale")),
          workspace_(std::move(workspace)) {}

    std::size_t input_size() const { return static_cast<std::size_t>(model::element_count(layers_.front().input)); }
    std::size_t embedding_size() const { return static_cast<std::size_t>(model::element_count(layers_.back().input)); }

    /// Segments that are worked on together at the most.
    std::int64_t largest_batch() const {
        return std::clamp<std::int64_t>(values_of_a_batch / PlanBuilder::largest_output(layers_), 1,
                                        Network::largest_batch);
    }

    /// Of a batch of inputs, valid until the next call of any network of the model.
    struct Outputs {
        const float* logits;
        const float* embeddings;
    };
    Outputs forward(std::span<const float> inputs, std::int64_t batch) {
        Plan& plan = plan_for(batch);
        standardise(inputs, plan.input());
        plan.forward();
        return {plan.output(), plan.embeddings()};
    }

  private:
    const std::vector<float>& tensor(const std::string& name) const { return model_.tensors.at(prefix_ + name).values; }

    Plan& plan_for(std::int64_t batch) {
        auto& plan = plans_[batch];
        if (!plan) {
            // oneDNN asks for pointers that it could write through, and only reads.
            const auto values = [this](const std::string& name) { return const_cast<float*>(tensor(name).data()); };
            PlanBuilder builder(layers_, batch, {values, {}}, {.workspace = workspace_, .prepared = prepared_});
            plan = std::make_unique<Plan>(builder.build());
        }
        return *plan;
    }

    void standardise(std::span<const float> inputs, float* result) const {
        const std::size_t width = mean_.size();
        bool finite = true;
        for (std::size_t row = 0; row < inputs.size(); row += width) {
            for (std::size_t i = 0; i < width; ++i) {
                result[row + i] = (inputs[row + i] - mean_[i]) * scale_[i];
                finite = finite && std::isfinite(result[row + i]);
            }
        }
        if (!finite) base::fail(ErrorCode::bad_data, "the features hold a value that is not finite.");
    }

    const Model& model_;
    std::string prefix_;
    std::vector<model::Layer> layers_;
    const std::vector<float>& mean_;
    const std::vector<float>& scale_;
    std::shared_ptr<Workspace> workspace_;
    std::shared_ptr<PreparedWeights> prepared_ = std::make_shared<PreparedWeights>();
    std::map<std::int64_t, std::unique_ptr<Plan>> plans_;
};

}  // namespace

class Network::Impl {
  public:
    explicit Impl(const Model& model) : model_(model) {
        const auto workspace = std::make_shared<Workspace>();
        for (const model::MemberNetwork& member : model::networks_of(model.network, model.name))
            members_.emplace_back(model, member, workspace);
        for (const Member& member : members_) largest_batch_ = std::min(largest_batch_, member.largest_batch());
    }

    std::size_t embedding_size() const {
        std::size_t size = 0;
        for (const Member& member : members_) size += member.embedding_size();
        return size;
    }

    void forward(std::span<const float> inputs, std::span<float> probabilities, std::span<float> embeddings) {
        const std::size_t classes = model_.labels.size();
        embeddings_ = embeddings;
        run(inputs, [&](std::int64_t segment, std::span<const float> logits) {
            activate(logits, model_.calibration.temperature, probabilities.subspan(segment * classes, classes));
        });
    }

    void logits(std::span<const float> inputs, std::span<float> result) {
        const std::size_t classes = model_.labels.size();
        embeddings_ = {};
        run(inputs, [&](std::int64_t segment, std::span<const float> logits) {
            std::ranges::copy(logits, result.begin() + static_cast<std::ptrdiff_t>(segment * classes));
        });
    }

  private:
    void activate(std::span<const float> logits, double temperature, std::span<float> probabilities) const {
        if (model_.activation == Activation::sigmoid) {
            sigmoid(logits, temperature, probabilities);
        } else {
            softmax(logits, temperature, probabilities);
        }
    }

    /// The logit of which `activate` makes a probability.
    float logit(double probability) const {
        constexpr double least = 1e-30;  // whose logarithm is still a sound logit
        double value = std::log(std::max(probability, least));
        if (model_.activation == Activation::sigmoid) value -= std::log(std::max(1.0 - probability, least));
        return static_cast<float>(value);
    }

    /// Calls `take(segment, logits)` for each segment of `inputs`.
    template <typename Take>
    void run(std::span<const float> inputs, Take take) {
        // Parallelism belongs to whoever calls: one file a thread.
        const onednn::Threads single(1);
        const std::size_t segment = members_.front().input_size();
        const std::size_t classes = model_.labels.size();
        const auto segments = static_cast<std::int64_t>(inputs.size() / segment);
        // Batches that are as equal as they can be: a single segment left over would be slow.
        const std::int64_t batches = (segments + largest_batch_ - 1) / largest_batch_;
        for (std::int64_t i = 0; i < batches; ++i) {
            const std::int64_t first = segments * i / batches;
            const std::int64_t batch = segments * (i + 1) / batches - first;
            const auto values = inputs.subspan(first * segment, batch * segment);
            const float* logits =
                members_.size() == 1 ? forward(members_.front(), 0, values, first, batch) : mean(values, first, batch);
            for (std::int64_t k = 0; k < batch; ++k) {
                take(first + k, std::span<const float>(logits + k * classes, classes));
            }
        }
    }

    /// Logits of the segments from `first` on. Their embeddings go where they are wanted, from `column` on.
    const float* forward(Member& member, std::size_t column, std::span<const float> values, std::int64_t first,
                         std::int64_t batch) {
        const Member::Outputs outputs = member.forward(values, batch);
        if (embeddings_.empty()) return outputs.logits;
        const std::size_t width = member.embedding_size();
        const std::size_t stride = embedding_size();
        for (std::int64_t i = 0; i < batch; ++i) {
            const std::span from(outputs.embeddings + i * width, width);
            double squares = 0.0;
            for (const float value : from) squares += static_cast<double>(value) * static_cast<double>(value);
            // All networks have the same say, and the whole has length 1.
            const double factor = squares > 0.0 ? 1.0 / std::sqrt(squares * static_cast<double>(members_.size())) : 0.0;
            float* const to = embeddings_.data() + static_cast<std::size_t>(first + i) * stride + column;
            for (std::size_t k = 0; k < width; ++k) {
                to[k] = static_cast<float>(static_cast<double>(from[k]) * factor);
            }
        }
        return outputs.logits;
    }

    /// Of an ensemble the logits are those of the mean of its networks' probabilities.
    const float* mean(std::span<const float> values, std::int64_t first, std::int64_t batch) {
        const std::size_t classes = model_.labels.size();
        sums_.assign(static_cast<std::size_t>(batch) * classes, 0.0);
        probabilities_.resize(classes);
        std::size_t column = 0;
        for (Member& member : members_) {
            const float* logits = forward(member, column, values, first, batch);
            column += member.embedding_size();
            for (std::size_t i = 0; i < sums_.size(); i += classes) {
                activate(std::span(logits + i, classes), 1.0, probabilities_);
                for (std::size_t k = 0; k < classes; ++k) sums_[i + k] += static_cast<double>(probabilities_[k]);
            }
        }
        mean_.resize(sums_.size());
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            mean_[i] = logit(sums_[i] / static_cast<double>(members_.size()));
        }
        return mean_.data();
    }

    const Model& model_;
    std::vector<Member> members_;
    std::int64_t largest_batch_ = largest_batch;
    std::span<float> embeddings_;  // where those of the call at hand go; empty when they are not wanted
    std::vector<double> sums_;
    std::vector<float> probabilities_;
    std::vector<float> mean_;
};

Network::Network(const Model& model) {
    try {
        impl_ = std::make_unique<Impl>(model);
    } catch (const dnnl::error& error) {
        base::fail(ErrorCode::internal, "oneDNN cannot be used: {}", error.what());
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
        base::fail(ErrorCode::internal, "oneDNN cannot run the network: {}", error.what());
    }
}

}  // namespace

std::int64_t Network::embedding_size() const {
    return static_cast<std::int64_t>(impl_->embedding_size());
}

void Network::forward(std::span<const float> inputs, std::span<float> probabilities, std::span<float> embeddings) {
    on_onednn([&] { impl_->forward(inputs, probabilities, embeddings); });
}

void Network::logits(std::span<const float> inputs, std::span<float> logits) {
    on_onednn([&] { impl_->logits(inputs, logits); });
}

}  // namespace earmark::inference
