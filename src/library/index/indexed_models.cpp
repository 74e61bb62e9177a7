#include "library/index/indexed_models.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/nearest_name.hpp"
#include "base/throw.hpp"
#include "library/index/casefold.hpp"
#include "library/index/index.hpp"
#include "library/tagging/packing.hpp"
#include "model/sure_threshold.hpp"

namespace earmark::library {

namespace {

using nlohmann::json;

constexpr double usual_threshold = 0.5;  // as holding_labels has it

[[noreturn]] void refuse() {
    base::fail(ErrorCode::corrupt, "the index holds a damaged model. Move the index away and scan anew.");
}

std::vector<LabelDetails> details_of(const std::string& text, std::size_t labels) {
    std::vector<LabelDetails> details;
    try {
        const auto threshold = [](const json& value) {
            return value.is_null() ? std::nullopt : std::optional(value.get<double>());
        };
        for (const json& each : json::parse(text)) {
            details.push_back(
                {label_group(each.at(0).get<std::string>()), threshold(each.at(1)), threshold(each.at(2))});
        }
    } catch (const json::exception&) {
        refuse();
    } catch (const Error&) {
        refuse();
    }
    if (details.size() != labels) refuse();
    return details;
}

}  // namespace

std::string details_text(const std::vector<LabelDetails>& details) {
    json all = json::array();
    const auto value = [](const std::optional<double>& threshold) { return threshold ? json(*threshold) : json(); };
    for (const LabelDetails& each : details) {
        all.push_back({to_string(each.group), value(each.threshold), value(each.precise_threshold)});
    }
    return all.dump();
}

LabelGroup IndexedModel::group(std::size_t label) const {
    return description.label_details.empty() ? LabelGroup::genre : description.label_details[label].group;
}

double IndexedModel::threshold(std::size_t label, bool precise) const {
    if (description.label_details.empty()) return usual_threshold;
    const LabelDetails& details = description.label_details[label];
    const std::optional<double>& chosen =
        precise && details.precise_threshold ? details.precise_threshold : details.threshold;
    return chosen.value_or(usual_threshold);
}

std::vector<float> IndexedModel::probabilities(Bytes bytes) const {
    return has_many_labels() ? unpack_short_probabilities(bytes, labels.size())
                             : unpack_probabilities(bytes, labels.size());
}

std::vector<float> IndexedModel::embedding(Bytes bytes) const {
    return has_many_labels() ? unpack_short_embedding(bytes) : unpack_embedding(bytes);
}

IndexedModels::IndexedModels(Database& database) {
    Statement rows = database.prepare("SELECT id, fingerprint, name, labels, sure, activation, details FROM models");
    while (rows.step()) {
        IndexedModel model{rows.integer(0), rows.text(1), rows.text(2), words_of(rows.text(3)),
                           rows.is_null(4) ? model::shipped_sure_threshold(rows.text(1)) : rows.real(4)};
        if (model.labels.empty()) {
            base::fail(ErrorCode::corrupt,
                       "the index holds a model without genres. Move the index away and scan anew.");
        }
        model.description.name = model.name;
        model.description.labels = model.labels;
        model.description.activation = rows.text(5) == "sigmoid" ? Activation::sigmoid : Activation::softmax;
        if (!rows.is_null(6)) model.description.label_details = details_of(rows.text(6), model.labels.size());
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
        if (model->has_many_labels()) continue;
        for (const std::string& label : model->labels) {
            if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
        }
    }
    return labels;
}

std::vector<std::string> IndexedModels::labels_of(std::optional<LabelGroup> group) const {
    std::set<std::string> known;
    for (const auto& [id, model] : models_) {
        for (std::size_t i = 0; i < model->labels.size(); ++i) {
            if (!group || model->group(i) == *group) known.insert(model->labels[i]);
        }
    }
    return {known.begin(), known.end()};
}

std::string IndexedModels::known_genre(const std::string& genre) const {
    const std::vector<std::string> known = labels_of(LabelGroup::genre);
    for (const std::string& label : known) {
        if (casefold(label) == casefold(genre)) return label;
    }
    base::fail(ErrorCode::bad_option, "`genre` {}: no model in this index knows that genre.{} Known are: {}.", genre,
               base::suggestion(genre, known), fmt::join(known, ", "));
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

std::shared_ptr<const IndexedModel> named_model(Index& index, const std::string& word) {
    const IndexedModels models(index.database());
    std::shared_ptr<const IndexedModel> found;
    for (const auto& [id, model] : models.all()) {
        if (casefold(model->name) == casefold(word)) found = model;
    }
    return found ? found : choose_model(index, model_path(word));
}

}  // namespace earmark::library
