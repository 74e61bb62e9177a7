#include "training/network/teacher.hpp"

#include <algorithm>

#include "base/throw.hpp"
#include "training/network/torch_network.hpp"

namespace earmark::training {

namespace {

/// The place of each of the store's labels among the model's.
std::vector<std::int64_t> order_of(const Model& model, const dataset::FeatureStore& store, const std::string& where) {
    std::vector<std::int64_t> order;
    for (const std::string& label : store.labels) {
        const auto found = std::find(model.labels.begin(), model.labels.end(), label);
        if (found == model.labels.end()) {
            base::fail(
                ErrorCode::bad_option,
                "{}: does not know \"{}\", which is to be learned. Give a teacher that was trained on the same genres.",
                where, label);
        }
        order.push_back(found - model.labels.begin());
    }
    if (model.labels.size() != order.size()) {
        base::fail(ErrorCode::bad_option,
                   "{}: tells {} genres apart, the data have {}. Give a teacher that was trained on the same genres.",
                   where, model.labels.size(), order.size());
    }
    return order;
}

Model read_teacher(const std::filesystem::path& path, const dataset::FeatureStore& store, std::int64_t frames) {
    Model model = load_model(path);
    const std::string where = path.string();
    if ((model.activation == Activation::sigmoid) != store.labelling.many) {
        base::fail(ErrorCode::bad_option,
                   "{}: says of a track {}, the data {}. Give a teacher that was trained on such data.", where,
                   store.labelling.many ? "one label" : "any number of labels",
                   store.labelling.many ? "any number" : "one");
    }
    if (!(model.features == store.features)) {
        base::fail(
            ErrorCode::bad_option,
            "{}: was made for other features than the data hold. Give a teacher that was trained on these features "
            "(earmark model shows its own).",
            where);
    }
    if (model.segments.frames != frames || model.segments.frame_step != store.segments.frame_step) {
        base::fail(
            ErrorCode::bad_option,
            "{}: hears {} columns, every {:g}th frame; training has {} columns, every {:g}th. Give a teacher that was "
            "trained on such segments, or `crop_frames` of the teacher's length.",
            where, model.segments.frames, model.segments.frame_step, frames, store.segments.frame_step);
    }
    return model;
}

}  // namespace

Teacher::Teacher(const std::filesystem::path& path, const dataset::FeatureStore& store, std::int64_t frames,
                 const Statistics& standardisation)
    : model_(read_teacher(path, store, frames)),
      network_(model_),
      mean_(from_file(standardisation.mean)),
      scale_(from_file(standardisation.scale)),
      order_(torch::tensor(order_of(model_, store, path.string()), torch::kInt64)) {}

torch::Tensor Teacher::probabilities(const torch::Tensor& inputs) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor analyzed = (inputs.to(torch::kCPU) / scale_ + mean_).contiguous();
    const torch::Tensor result = torch::empty({analyzed.size(0), order_.size(0)});
    network_.forward({analyzed.data_ptr<float>(), static_cast<std::size_t>(analyzed.numel())},
                     {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())});
    return result.index_select(1, order_).to(inputs.device());
}

}  // namespace earmark::training
