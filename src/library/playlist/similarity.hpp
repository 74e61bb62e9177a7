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

namespace earmark {

/// Which of some sounds another is most like, and how like.
struct Alike {
    double similarity = 0.0;  ///< dot product of their embeddings, −1 to 1; of equals 1
    std::size_t nearest = 0;  ///< index of the sound that it is to
};

/// Compares with some sounds by where a network puts them (Verdict::embedding).
class Likeness {
  public:
    /// @param embeddings  of one model, at least one
    explicit Likeness(std::vector<std::vector<float>> embeddings) : embeddings_(std::move(embeddings)) {}

    /// @throws Error corrupt when an embedding has another length than those
    Alike of(std::span<const float> embedding) const;

    /// That of every sound that a model has heard. Each is compared; only embeddings are read of the index.
    /// @throws Error corrupt; as Database
    std::unordered_map<ContentHash::Digest, Alike, DigestHash> of_sounds(Index& index, std::int64_t model) const;

  private:
    std::vector<std::vector<float>> embeddings_;
};

/// A song that others are compared with.
struct Exemplar {
    Song song;  ///< `song.file` is 0 when its path is none of the index
    std::vector<float> embedding;
};

/// Finds out where songs lie among those that one model has heard.
class Exemplars {
  public:
    /// @param model_file  what to hear songs with that the index does not know
    /// @param given       whether the user named it: then its embeddings are meant, else those of the model that most
    ///                    files of the index were last heard with
    /// @throws Error not_found when the index has no files heard with the model meant; as hash_of_file when it is given
    Exemplars(Index& index, std::filesystem::path model_file, bool given);

    /// Whose embeddings are compared.
    const IndexedModel& model() const noexcept { return *model_; }

    /// Looks a song up by its path or, where that is new or the file has changed, by its sound; hears it when the index
    /// does not know it.
    /// @throws Error as read_content and Classifier; not_found when it is to be heard, but `model_file` is another
    /// model's; bad_data when it is silent
    Exemplar find(const std::filesystem::path& file);

  private:
    AudioContent content_of(const std::filesystem::path& file, Song& song);
    bool read_verdict(const ContentHash::Digest& content, Exemplar& exemplar);
    void hear(Exemplar& exemplar);

    Index& index_;
    std::filesystem::path model_file_;
    std::shared_ptr<const IndexedModel> model_;
    std::optional<Classifier> classifier_;  // made when first needed
};

}  // namespace earmark
