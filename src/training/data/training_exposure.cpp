#include "training/data/training_exposure.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluation/evaluation.hpp"

namespace earmark::training {

void TrainingExposure::Names::add(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (known.insert(name).second) list.push_back(name);
    }
}

void TrainingExposure::add(const std::vector<std::string>& tracks, bool genres) {
    (genres ? with_genres_ : without_).add(tracks);
}

void TrainingExposure::add(const Model& model) {
    const evaluation::RecordedTraining recorded = evaluation::recorded_training(model);
    if (recorded.tracks) {
        with_genres_.add(*recorded.tracks);
    } else {
        complete_ = false;
    }
    without_.add(recorded.pretraining_tracks);
}

std::int64_t TrainingExposure::among(const std::vector<std::string>& tracks) const {
    return std::ranges::count_if(tracks, [this](const auto& track) { return with_genres_.known.contains(track); });
}

void TrainingExposure::write(nlohmann::json& training) const {
    // Without the tracks of all models, nobody could tell whether a track was learned from.
    if (complete_) training["tracks"] = with_genres_.list;
    if (!without_.list.empty()) training["pretraining_tracks"] = without_.list;
}

}  // namespace earmark::training
