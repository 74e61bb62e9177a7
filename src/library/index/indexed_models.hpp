#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earmark/model.hpp"
#include "library/index/database.hpp"

namespace earmark::library {

/// A model as an index knows it.
struct IndexedModel {
    std::int64_t id = 0;      ///< its number in the index
    std::string fingerprint;  ///< hash of its file
    std::string name;
    std::vector<std::string> labels;
    /// How probable a genre must be so that nine in ten are right, as measured; none: nobody measured it.
    std::optional<double> sure;
    Model description = {};  ///< its labels and what is known of them, without a network

    /// Whether any number of its labels hold, rather than one.
    bool has_many_labels() const noexcept { return description.activation == Activation::sigmoid; }
    LabelGroup group(std::size_t label) const;
    /// The least probability at which a label holds. @param precise  as holding_labels
    double threshold(std::size_t label, bool precise = false) const;

    /// What stands in columns of its predictions. @throws Error corrupt
    std::vector<float> probabilities(Bytes bytes) const;
    std::vector<float> embedding(Bytes bytes) const;
};

/// What an index keeps of the labels of a model: a JSON array, of each its group and its thresholds.
std::string details_text(const std::vector<LabelDetails>& details);

/// The models that files of an index were analyzed with.
class IndexedModels {
  public:
    /// @throws Error corrupt; as Database
    explicit IndexedModels(Database& database);

    /// @throws Error corrupt when there is none of that number
    std::shared_ptr<const IndexedModel> at(std::int64_t id) const;

    const std::map<std::int64_t, std::shared_ptr<const IndexedModel>>& all() const noexcept { return models_; }

    /// The labels of all models of one label in several, each once, those of the first model first.
    std::vector<std::string> labels() const;

    /// The labels of a group, by all models, each once, in the order of the alphabet; without a group all labels.
    std::vector<std::string> labels_of(std::optional<LabelGroup> group) const;

    /// `genre` as the models write it; neither case nor accents make a difference.
    /// @throws Error bad_option when none of them knows it, naming those that they know
    std::string known_genre(const std::string& genre) const;

  private:
    std::map<std::int64_t, std::shared_ptr<const IndexedModel>> models_;
};

class Index;

/// The model of `file`, or, without one, the model that most files of the index have their genre of; of equals the
/// latest.
/// @throws Error not_found when no file was analyzed with it, or none at all; as hash_of_file
std::shared_ptr<const IndexedModel> choose_model(Index& index, const std::optional<std::filesystem::path>& file);

/// The model that a user's word means: one of the index by its name, whatever the case of the letters, the latest of
/// several; else that of a file, as model_path has it.
/// @throws Error not_found, with the names that there are
std::shared_ptr<const IndexedModel> named_model(Index& index, const std::string& word);

}  // namespace earmark::library
