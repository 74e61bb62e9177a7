#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
};

/// The models that files of an index were analyzed with.
class IndexedModels {
  public:
    /// @throws Error corrupt; as Database
    explicit IndexedModels(Database& database);

    /// @throws Error corrupt when there is none of that number
    std::shared_ptr<const IndexedModel> at(std::int64_t id) const;

    /// `genre` as the models write it; neither case nor accents make a difference.
    /// @throws Error bad_option when none of them knows it, naming those that they know
    std::string known_genre(const std::string& genre) const;

  private:
    std::map<std::int64_t, std::shared_ptr<const IndexedModel>> models_;
};

}  // namespace earmark::library
