#include "training/network/initial_weights.hpp"

#include "base/throw.hpp"
#include "model/ensemble.hpp"

namespace earmark::training {

Model load_initial_weights(const std::filesystem::path& path, const dataset::FeatureStore& store) {
    Model model = load_model(path);
    const std::string where = path.string();
    if (model.network.name == model::ensemble_name) {
        base::fail(
            ErrorCode::bad_option,
            "{}: is an ensemble, whose weights no single network can take. Start from one of its networks, or learn "
            "from all of them as `teacher`.",
            where);
    }
    if (!(model.features == store.features)) {
        base::fail(
            ErrorCode::bad_option,
            "{}: was made for other features than the data hold, so its weights mean nothing to them. Start from a "
            "model that was trained on these features (earmark model shows its own).",
            where);
    }
    return model;
}

}  // namespace earmark::training
