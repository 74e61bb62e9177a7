#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "library/index/indexed_models.hpp"
#include "library/index/tracks.hpp"

namespace earmark::library {

/// What the models of an index say of the labels that a query asks for. A label holds of a track when one of the models
/// that analyzed it says so: a model of many labels where its probability reaches its threshold, the model of the genre
/// where it is the genre, and certain.
class LabelFilter {
  public:
    /// @throws Error bad_option for a label that no model knows, with those that are near; as Database
    LabelFilter(Database& database, const IndexedModels& models, const TrackQuery& query);

    /// Whether the query asks for labels at all.
    bool is_empty() const noexcept { return terms_.empty(); }

    /// Whether a track has the labels asked for, and none of those that it must not have.
    /// @param probabilities  of the labels of `track.model`
    bool passes(const Track& track, std::span<const float> probabilities) const;

    /// The least of the probabilities of the labels asked for or, where the query is sorted by one, that of this.
    double probability(const Track& track, std::span<const float> probabilities) const;

  private:
    enum class Want { with, without, sort };

    struct Term {
        std::string key;
        Want want = Want::with;
    };

    /// What is known of a term and a track.
    struct Said {
        bool holds = false;
        float probability = 0.0F;
    };

    void add(const IndexedModels& models, const std::vector<std::string>& words, Want want, const char* option,
             std::optional<LabelGroup> group);
    void read(Database& database, const IndexedModels& models);
    Said said(std::size_t term, const Track& track, std::span<const float> probabilities) const;

    std::vector<Term> terms_;
    std::unordered_map<files::ContentHash::Digest, std::vector<Said>, DigestHash> said_;  ///< by models of many labels
};

}  // namespace earmark::library
