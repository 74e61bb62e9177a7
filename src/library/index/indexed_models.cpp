#include "library/index/indexed_models.hpp"

#include <fmt/ranges.h>

#include <set>

#include "base/throw.hpp"
#include "library/index/casefold.hpp"
#include "library/tagging/packing.hpp"

namespace earmark::library {

IndexedModels::IndexedModels(Database& database) {
    Statement rows = database.prepare("SELECT id, fingerprint, name, labels FROM models");
    while (rows.step()) {
        models_[rows.integer(0)] = std::make_shared<const IndexedModel>(
            IndexedModel{rows.integer(0), rows.text(1), rows.text(2), words_of(rows.text(3))});
    }
}

std::shared_ptr<const IndexedModel> IndexedModels::at(std::int64_t id) const {
    const auto found = models_.find(id);
    if (found == models_.end()) {
        base::fail(ErrorCode::corrupt, "the index lacks a model. Move the index away and scan anew.");
    }
    return found->second;
}

std::string IndexedModels::known_genre(const std::string& genre) const {
    std::set<std::string> known;
    for (const auto& [id, model] : models_) {
        for (const std::string& label : model->labels) {
            if (casefold(label) == casefold(genre)) return label;
            known.insert(label);
        }
    }
    base::fail(ErrorCode::bad_option, "--genre {}: no model in this index knows that genre. Known are: {}.", genre,
               fmt::join(known, ", "));
}

}  // namespace earmark::library
