#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "earmark/classifier.hpp"
#include "library/index/index.hpp"
#include "library/index/tracks.hpp"

namespace earmark::library {

/// Which of some sounds another is most like, and how like.
struct Match {
    double similarity = 0.0;  ///< dot product of their embeddings, −1 to 1; of equals 1
    std::size_t nearest = 0;  ///< index of the sound that it is to
};

/// Compares with some sounds by where a network puts them (Prediction::embedding).
class SimilarityIndex {
  public:
    /// @param embeddings  of one model, at least one
    explicit SimilarityIndex(std::vector<std::vector<float>> embeddings) : embeddings_(std::move(embeddings)) {}

    /// @throws Error corrupt when an embedding has another length than those
    Match of(std::span<const float> embedding) const;

    /// That of every sound that a model has analyzed. Each is compared; only embeddings are read of the index.
    /// @throws Error corrupt; as Database
    std::unordered_map<files::ContentHash::Digest, Match, DigestHash> of_sounds(Index& index, std::int64_t model) const;

  private:
    std::vector<std::vector<float>> embeddings_;
};

/// A track that others are compared with.
struct Seed {
    Track track;  ///< `track.file` is 0 when its path is none of the index
    std::vector<float> embedding;
};

/// The model whose embeddings are compared when none is named: of those that have analyzed nearly as many files as the one
/// that names the genres, the broadest tagger, or else that one. `benchmarks/similarity` compares them.
/// @throws Error not_found when no file was analyzed
std::shared_ptr<const IndexedModel> best_for_similarity(Index& index);

/// Finds out where tracks lie among those that one model has analyzed.
class Seeds {
  public:
    /// @param model_file  what to analyze tracks with that the index does not know
    /// @param given       whether the user named it: then its embeddings are meant
    /// @param by          whose embeddings are meant; null: those of `model_file` when it is given, else those that
    ///                    serve best (best_for_similarity)
    /// @throws Error not_found when the index has no files analyzed with the model meant; as hash_of_file when it is given
    Seeds(Index& index, std::filesystem::path model_file, bool given, std::shared_ptr<const IndexedModel> by = {});

    /// Whose embeddings are compared.
    const IndexedModel& model() const noexcept { return *model_; }

    /// Looks a track up by its path or, where that is new or the file has changed, by its sound; analyzes it when the index
    /// does not know it.
    /// @throws Error as read_content and Classifier; not_found when it is to be analyzed, but `model_file` is another
    /// model's; bad_data when it is silent
    Seed find(const std::filesystem::path& file);

  private:
    TrackContent content_of(const std::filesystem::path& file, Track& track);
    bool read_prediction(const files::ContentHash::Digest& content, Seed& seed_track);
    /// The file of the model; none when neither `model_file` nor the one that ships under its name is it.
    std::optional<std::filesystem::path> file_of_model() const;
    void analyze(Seed& seed_track);

    Index& index_;
    std::filesystem::path model_file_;
    std::shared_ptr<const IndexedModel> model_;
    std::optional<Classifier> classifier_;  // made when first needed
};

}  // namespace earmark::library
