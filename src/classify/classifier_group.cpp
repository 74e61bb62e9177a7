#include "earmark/classifier_group.hpp"

#include <istream>
#include <utility>

#include "classify/group.hpp"

namespace earmark {

namespace {

std::vector<Model> load_models(const std::vector<std::filesystem::path>& paths) {
    std::vector<Model> models;
    for (const std::filesystem::path& path : paths) models.push_back(load_model(path));
    return models;
}

}  // namespace

class ClassifierGroup::Impl : public classify::Group {
  public:
    using Group::Group;
};

ClassifierGroup::ClassifierGroup(const std::vector<std::filesystem::path>& models)
    : ClassifierGroup(load_models(models)) {}
ClassifierGroup::ClassifierGroup(std::vector<Model> models) : impl_(std::make_unique<Impl>(std::move(models))) {}
ClassifierGroup::~ClassifierGroup() = default;
ClassifierGroup::ClassifierGroup(ClassifierGroup&&) noexcept = default;
ClassifierGroup& ClassifierGroup::operator=(ClassifierGroup&&) noexcept = default;

std::size_t ClassifierGroup::size() const noexcept {
    return impl_->models().size();
}

const Model& ClassifierGroup::model(std::size_t index) const {
    return impl_->models().at(index);
}

int ClassifierGroup::sample_rate() const noexcept {
    return impl_->sample_rate();
}

std::vector<Prediction> ClassifierGroup::classify(const std::filesystem::path& file,
                                                  const ClassifyOptions& options) const {
    return impl_->classify(file, options, file.string());
}

std::vector<Prediction> ClassifierGroup::classify(std::span<const std::byte> bytes,
                                                  const ClassifyOptions& options) const {
    return impl_->classify(bytes, options, classify::name_or(options, "the buffer"));
}

std::vector<Prediction> ClassifierGroup::classify(ByteSource source, const ClassifyOptions& options) const {
    return impl_->classify(std::move(source), options, classify::name_or(options, "the stream"));
}

std::vector<Prediction> ClassifierGroup::classify(std::istream& stream, const ClassifyOptions& options) const {
    return impl_->classify(stream, options, classify::name_or(options, "the stream"));
}

std::vector<Prediction> ClassifierGroup::classify(AudioReader reader, const ClassifyOptions& options) const {
    return impl_->classify(std::move(reader), options, classify::name_or(options, "the audio"));
}

std::vector<Prediction> ClassifierGroup::classify(const Samples& samples) const {
    return impl_->classify(samples);
}

void ClassifierGroup::classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                                   const Sink<std::size_t, const Result&>& take, const Classifier::Open& open) const {
    impl_->classify_all(files, options, take, open);
}

}  // namespace earmark
