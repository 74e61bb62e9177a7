#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
};

/// The models that files of an index were analyzed with.
class IndexedModels {
  public:
    /// @throws Error corrupt; as Database
    explicit IndexedModels(Database& database);

    /// @throws Error corrupt when there is none of that number
    std::shared_ptr<const IndexedModel> at(std::int64_t id) const;

    /// The labels of all models, each once, those of the first model first.
    std::vector<std::string> labels() const;

    /// `genre` as the models write it; neither case nor accents make a difference.
    /// @throws Error bad_option when none of them knows it, naming those that they know
    std::string known_genre(const std::string& genre) const;

  private:
    std::map<std::int64_t, std::shared_ptr<const IndexedModel>> models_;
};

class Index;

/// The model of `file`, or, without one, the model that most files of the index were last analyzed with; of equals the
/// latest.
/// @throws Error not_found when no file was analyzed with it, or none at all; as hash_of_file
std::shared_ptr<const IndexedModel> choose_model(Index& index, const std::optional<std::filesystem::path>& file);

}  // namespace earmark::library
