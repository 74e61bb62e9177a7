#include "training/data/training_exposure.hpp"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "evaluation/evaluation.hpp"

namespace earmark::training {

void TrainingExposure::Tracks::add(const evaluation::KnownTracks& tracks) {
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (known.emplace(tracks.names[i], tracks.sounds[i].hash).second) list.add(tracks.names[i], tracks.sounds[i]);
    }
}

void TrainingExposure::add(const evaluation::KnownTracks& tracks, bool genres) {
    (genres ? with_genres_ : without_).add(tracks);
}

void TrainingExposure::add_validation(const evaluation::KnownTracks& tracks) {
    validation_.add(tracks);
}

void TrainingExposure::add(const Model& model) {
    const evaluation::RecordedTraining recorded = evaluation::recorded_training(model);
    if (recorded.tracks) {
        with_genres_.add(*recorded.tracks);
    } else {
        complete_ = false;
    }
    without_.add(recorded.pretraining_tracks);
    validation_.add(recorded.validation_tracks);
}

std::int64_t TrainingExposure::among(const dataset::FeatureStore& data, const std::vector<std::string>& tracks) const {
    const std::unordered_set<std::string_view> wanted(tracks.begin(), tracks.end());
    std::vector<int> indices;
    for (std::size_t i = 0; i < data.tracks.size(); ++i) {
        if (wanted.contains(data.tracks[i].name)) indices.push_back(static_cast<int>(i));
    }
    return evaluation::ExposureCheck(data, indices, false).count(with_genres_.list).all();
}

void TrainingExposure::write(nlohmann::json& training) const {
    // Without the tracks of all models, nobody could tell whether a track was learned from.
    if (complete_) evaluation::write_known_tracks(training, "tracks", with_genres_.list);
    if (!without_.list.empty()) evaluation::write_known_tracks(training, "pretraining_tracks", without_.list);
    if (!validation_.list.empty()) evaluation::write_known_tracks(training, "validation_tracks", validation_.list);
}

}  // namespace earmark::training
