#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dataset/feature_store.hpp"
#include "earmark/model.hpp"
#include "evaluation/exposure.hpp"

namespace earmark::training {

/// The tracks that a network has learned from, of itself and through the models it builds on: what decides whether a
/// track is a new one to it.
class TrainingExposure {
  public:
    /// Tracks of the training at hand. @param genres  whether their genres were told
    void add(const evaluation::KnownTracks& tracks, bool genres);
    /// Tracks by which the weights are chosen.
    void add_validation(const evaluation::KnownTracks& tracks);
    /// All that a model learned from.
    void add(const Model& model);

    /// How many of these tracks of the data, by name, were analyzed with their genres, as far as sounds and names tell.
    std::int64_t among(const dataset::FeatureStore& data, const std::vector<std::string>& tracks) const;

    /// Sets "tracks" (analyzed with their genres; left out when a model did not say its own), "pretraining_tracks"
    /// (analyzed without; left out when there are none) and "validation_tracks" (likewise), each in the order in which
    /// they were added, and their sounds.
    void write(nlohmann::json& training) const;

  private:
    struct Tracks {
        evaluation::KnownTracks list;
        std::set<std::pair<std::string, std::uint64_t>> known;  ///< names with the hashes of their sounds
        void add(const evaluation::KnownTracks& tracks);
    };
    Tracks with_genres_;
    Tracks without_;
    Tracks validation_;
    bool complete_ = true;
};

}  // namespace earmark::training
