#include "library/index/indexed_models.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/throw.hpp"
#include "library/index/casefold.hpp"
#include "library/index/index.hpp"
#include "library/tagging/packing.hpp"
#include "model/sure_threshold.hpp"

namespace earmark::library {

IndexedModels::IndexedModels(Database& database) {
    Statement rows = database.prepare("SELECT id, fingerprint, name, labels, sure FROM models");
    while (rows.step()) {
        IndexedModel model{rows.integer(0), rows.text(1), rows.text(2), words_of(rows.text(3)),
                           rows.is_null(4) ? model::shipped_sure_threshold(rows.text(1)) : rows.real(4)};
        if (model.labels.empty()) {
            base::fail(ErrorCode::corrupt,
                       "the index holds a model without genres. Move the index away and scan anew.");
        }
        models_[model.id] = std::make_shared<const IndexedModel>(std::move(model));
    }
}

std::shared_ptr<const IndexedModel> IndexedModels::at(std::int64_t id) const {
    const auto found = models_.find(id);
    if (found == models_.end()) {
        base::fail(ErrorCode::corrupt, "the index lacks a model. Move the index away and scan anew.");
    }
    return found->second;
}

std::vector<std::string> IndexedModels::labels() const {
    std::vector<std::string> labels;
    for (const auto& [id, model] : models_) {
        for (const std::string& label : model->labels) {
            if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
        }
    }
    return labels;
}

std::string IndexedModels::known_genre(const std::string& genre) const {
    std::set<std::string> known;
    for (const auto& [id, model] : models_) {
        for (const std::string& label : model->labels) {
            if (casefold(label) == casefold(genre)) return label;
            known.insert(label);
        }
    }
    base::fail(ErrorCode::bad_option, "`genre` {}: no model in this index knows that genre. Known are: {}.", genre,
               fmt::join(known, ", "));
}

std::shared_ptr<const IndexedModel> choose_model(Index& index, const std::optional<std::filesystem::path>& file) {
    const std::int64_t usual = index.database().number(
        "SELECT model FROM files WHERE state = 0 AND gone IS NULL AND model IS NOT NULL "
        "GROUP BY model ORDER BY count(*) DESC, model DESC LIMIT 1");
    if (usual == 0) {
        base::fail(ErrorCode::not_found, "{}: no track was analyzed yet. `earmark scan FOLDER` analyzes them.",
                   index.database().path().string());
    }
    const IndexedModels models(index.database());
    if (!file) return models.at(usual);
    const std::optional<std::int64_t> model = index.find_model(files::to_string(files::hash_of_file(*file)));
    if (!model) {
        base::fail(
            ErrorCode::not_found,
            "{}: no track of the index was analyzed with this model; most were with \"{}\". Name the file of that "
            "one, or scan with this one.",
            file->string(), models.at(usual)->name);
    }
    return models.at(*model);
}

}  // namespace earmark::library
