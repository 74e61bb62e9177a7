#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "earmark/model.hpp"

namespace earmark::training {

/// The tracks that a network has learned from, of itself and through the models it builds on: what decides whether a
/// track is a new one to it.
class TrainingExposure {
  public:
    /// Tracks of the training at hand. @param genres  whether their genres were told
    void add(const std::vector<std::string>& tracks, bool genres);
    /// All that a model learned from.
    void add(const Model& model);

    /// How many of these were analyzed with their genres.
    std::int64_t among(const std::vector<std::string>& tracks) const;

    /// Sets "tracks" (analyzed with their genres; left out when a model did not say its own) and "pretraining_tracks"
    /// (analyzed without; left out when there are none), each in the order in which they were added.
    void write(nlohmann::json& training) const;

  private:
    struct Names {
        std::vector<std::string> list;
        std::set<std::string> known;
        void add(const std::vector<std::string>& names);
    };
    Names with_genres_;
    Names without_;
    bool complete_ = true;
};

}  // namespace earmark::training
