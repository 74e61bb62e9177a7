#include "library/index/label_filter.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/throw.hpp"
#include "library/tagging/packing.hpp"
#include "library/tags/label_names.hpp"

namespace earmark::library {

namespace {

[[noreturn]] void refuse(const char* option, const std::string& word, const std::vector<std::string>& known,
                         std::optional<LabelGroup> group) {
    const char* const what = group == LabelGroup::mood ? "mood" : "tag";
    constexpr std::size_t few = 20;
    const std::vector<std::string> near = near_labels(word, known);
    std::string help = "A scan with a `model` of many labels, such as msd-musicnn, finds tags.";
    if (!near.empty()) {
        help = fmt::format("Near are: {}.", fmt::join(near, ", "));
    } else if (!known.empty() && known.size() <= few) {
        help = fmt::format("Known are: {}.", fmt::join(known, ", "));
    } else if (!known.empty()) {
        help = "`earmark stats` lists those that it has.";
    }
    base::fail(ErrorCode::bad_option, "`{}` {}: no model in this index knows that {}. {}", option, word, what, help);
}

}  // namespace

LabelFilter::LabelFilter(Database& database, const IndexedModels& models, const TrackQuery& query) {
    add(models, query.labels, Want::with, "tag", std::nullopt);
    add(models, query.moods, Want::with, "mood", LabelGroup::mood);
    add(models, query.without, Want::without, "without", std::nullopt);
    if (query.sort == SortBy::label) add(models, {query.sort_label}, Want::sort, "sort", std::nullopt);
    if (!terms_.empty()) read(database, models);
}

void LabelFilter::add(const IndexedModels& models, const std::vector<std::string>& words, Want want, const char* option,
                      std::optional<LabelGroup> group) {
    if (words.empty()) return;
    const std::vector<std::string> known = models.labels_of(group);
    for (const std::string& word : words) {
        const std::string key = label_key(word);
        const bool is_known =
            std::ranges::any_of(known, [&](const std::string& label) { return label_key(label) == key; });
        if (!is_known) refuse(option, word, known, group);
        terms_.push_back({key, want});
    }
}

void LabelFilter::read(Database& database, const IndexedModels& models) {
    Statement rows = database.prepare(
        "SELECT content, probabilities FROM verdicts WHERE model = ? AND embedding IS NOT NULL AND not_music IS NULL");
    for (const auto& [id, model] : models.all()) {
        if (!model->has_many_labels()) continue;
        std::vector<std::pair<std::size_t, std::size_t>> places;  // term, label
        for (std::size_t label = 0; label < model->labels.size(); ++label) {
            const std::string key = label_key(model->labels[label]);
            for (std::size_t term = 0; term < terms_.size(); ++term) {
                if (terms_[term].key == key) places.emplace_back(term, label);
            }
        }
        if (places.empty()) continue;
        rows.bind(id);
        while (rows.step()) {
            const files::ContentHash::Digest content = digest_of(rows.bytes(0));
            const std::vector<float> probabilities = model->probabilities(rows.bytes(1));
            std::vector<Said>& all = said_[content];
            all.resize(terms_.size());
            for (const auto& [term, label] : places) {
                const float probability = probabilities[label];
                all[term].holds |= static_cast<double>(probability) >= model->threshold(label);
                all[term].probability = std::max(all[term].probability, probability);
            }
        }
    }
}

LabelFilter::Said LabelFilter::said(std::size_t term, const Track& track, std::span<const float> probabilities) const {
    Said result;
    if (!track.content || !track.not_music.empty()) return result;
    if (const auto found = said_.find(*track.content); found != said_.end()) result = found->second[term];
    if (!track.model || track.model->has_many_labels()) return result;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (label_key(track.model->labels[i]) != terms_[term].key) continue;
        result.holds |= track.model->labels[i] == track.genre && !track.uncertain;
        result.probability = std::max(result.probability, probabilities[i]);
    }
    return result;
}

bool LabelFilter::passes(const Track& track, std::span<const float> probabilities) const {
    for (std::size_t i = 0; i < terms_.size(); ++i) {
        if (terms_[i].want == Want::sort) continue;
        if (said(i, track, probabilities).holds != (terms_[i].want == Want::with)) return false;
    }
    return true;
}

double LabelFilter::probability(const Track& track, std::span<const float> probabilities) const {
    double least = 1.0;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
        if (terms_[i].want == Want::without) continue;
        const auto probability = static_cast<double>(said(i, track, probabilities).probability);
        if (terms_[i].want == Want::sort) return probability;
        least = std::min(least, probability);
    }
    return least;
}

}  // namespace earmark::library
