#include "earmark/classifier.hpp"

#include <istream>
#include <utility>

#include "base/throw.hpp"
#include "classify/group.hpp"

namespace earmark {

namespace {

Prediction only(std::vector<Prediction> predictions) {
    return std::move(predictions.front());
}

std::vector<Model> alone(Model model) {
    std::vector<Model> models;
    models.push_back(std::move(model));
    return models;
}

}  // namespace

/// A group of one model.
class Classifier::Impl : public classify::Group {
  public:
    explicit Impl(Model model) : Group(alone(std::move(model))) {}

    const Model& model() const noexcept { return models().front(); }

    /// What `compute(network, inputs, result)` makes of segments: a value a label each.
    template <typename Compute>
    std::vector<float> of_segments(std::span<const float> inputs, Compute compute) {
        const auto segment = static_cast<std::size_t>(model().segments.frames) * coefficient_count(model().features);
        if (inputs.size() % segment != 0) {
            base::fail(ErrorCode::bad_data, "{} values are no whole number of segments of {}.", inputs.size(), segment);
        }
        return with_session([&](classify::GroupSession& session) {
            std::vector<float> result(inputs.size() / segment * model().labels.size());
            compute(session.session(0).network(), inputs, result);
            return result;
        });
    }
};

Classifier::Classifier(const std::filesystem::path& model) : Classifier(load_model(model)) {}
Classifier::Classifier(Model model) : impl_(std::make_unique<Impl>(std::move(model))) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

const Model& Classifier::model() const noexcept {
    return impl_->model();
}
const std::vector<std::string>& Classifier::labels() const noexcept {
    return impl_->model().labels;
}

Prediction Classifier::classify(const std::filesystem::path& file, const ClassifyOptions& options) const {
    return only(impl_->classify(file, options, file.string()));
}

Prediction Classifier::classify(std::span<const std::byte> bytes, const ClassifyOptions& options) const {
    return only(impl_->classify(bytes, options, classify::name_or(options, "the buffer")));
}

Prediction Classifier::classify(ByteSource source, const ClassifyOptions& options) const {
    return only(impl_->classify(std::move(source), options, classify::name_or(options, "the stream")));
}

Prediction Classifier::classify(std::istream& stream, const ClassifyOptions& options) const {
    return only(impl_->classify(stream, options, classify::name_or(options, "the stream")));
}

Prediction Classifier::classify(AudioReader reader, const ClassifyOptions& options) const {
    return only(impl_->classify(std::move(reader), options, classify::name_or(options, "the audio")));
}

Prediction Classifier::classify(const Samples& samples) const {
    return only(impl_->classify(samples));
}

Prediction Classifier::classify(std::span<const float> samples) const {
    return impl_->with_session([&](classify::GroupSession& group) {
        classify::Session& session = group.session(0);
        session.begin();
        session.push(samples);
        return session.finish("the signal");
    });
}

void Classifier::classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                              const Sink<std::size_t, const Result&>& take, const Open& open) const {
    const auto take_only = [&](std::size_t index, const ClassifierGroup::Result& outcome) {
        const auto* error = std::get_if<Error>(&outcome);
        take(index, error != nullptr ? Result(*error) : Result(std::get<0>(outcome).front()));
    };
    impl_->classify_all(files, options, take_only, open);
}

std::vector<float> Classifier::probabilities(std::span<const float> inputs) const {
    return impl_->of_segments(inputs, [](inference::Network& network, std::span<const float> from,
                                         std::span<float> to) { network.forward(from, to); });
}

std::vector<float> Classifier::logits(std::span<const float> inputs) const {
    return impl_->of_segments(inputs, [](inference::Network& network, std::span<const float> from,
                                         std::span<float> to) { network.logits(from, to); });
}

}  // namespace earmark
