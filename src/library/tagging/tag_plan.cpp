#include "library/tagging/tag_plan.hpp"

#include <algorithm>
#include <set>
#include <system_error>

#include "library/tags/genre_tags.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// The genres that a prediction gives a file, under their names; none when the most probable is never to be written.
std::vector<std::string> genres_for(const TrackDetails& entry, const TagOptions& options) {
    const Prediction& prediction = *entry.prediction;
    std::vector<std::string> genres;
    for (const std::size_t label : prediction.ranking()) {
        if (std::ssize(genres) == options.top) break;
        if (label != prediction.best() && static_cast<double>(prediction.probabilities[label]) < options.further) break;
        const std::optional<std::string> name = options.names(entry.model->labels[label]);
        if (!name && label == prediction.best()) return {};
        if (name && std::ranges::find(genres, *name) == genres.end()) genres.push_back(*name);
    }
    return genres;
}

bool sure_enough(const Prediction& prediction, const TagOptions& options) {
    if (!options.minimum_probability) return !prediction.uncertain;
    return static_cast<double>(prediction.probabilities[prediction.best()]) >= *options.minimum_probability;
}

void plan_entry(const TrackDetails& entry, const TagOptions& options, TagPlan& plan) {
    if (!entry.prediction || !entry.content) return;
    const std::vector<std::string> before = genres_of_tag(entry.content->genre);
    if (!before.empty() && !options.replace) {
        ++plan.kept;
        return;
    }
    if (!sure_enough(*entry.prediction, options)) {
        ++plan.uncertain;
        return;
    }
    std::vector<std::string> after = genres_for(entry, options);
    if (after.empty()) {
        ++plan.unnamed;
    } else if (after == before) {
        ++plan.same;
    } else {
        const Prediction& prediction = *entry.prediction;
        plan.tags.push_back({entry.id, entry.path, entry.stamp, before, std::move(after),
                             static_cast<double>(prediction.probabilities[prediction.best()]), entry.content->artist,
                             entry.content->title});
    }
}

/// The file that a path leads to through links; the path itself where that cannot be told.
fs::path target_of(const fs::path& path) {
    std::error_code error;
    fs::path target = fs::canonical(path, error);
    return error ? path : target;
}

}  // namespace

TagPlan plan_tags(Index& index, const TagOptions& options) {
    TagPlan plan;
    TrackQuery list_options = options.list;
    list_options.limit = 0;
    bool checked = false;
    const auto take = [&](const TrackDetails& entry) {
        if (!checked && entry.model) options.names.check(entry.model->labels);
        checked = checked || entry.model != nullptr;
        plan_entry(entry, options, plan);
    };
    list(index, list_options, take);
    for (const fs::path& folder : list_options.folders) {
        bool known = false;
        index.each_below(folder, [&](std::int64_t, FileState, const fs::path&) { known = true; });
        if (!known) plan.unknown.push_back(folder);
    }
    // Links may lead to the same file.
    std::ranges::sort(plan.tags, {}, &PlannedTag::path);
    std::set<fs::path> targets;
    std::erase_if(plan.tags, [&](const PlannedTag& tag) { return !targets.insert(target_of(tag.path)).second; });
    return plan;
}

}  // namespace earmark::library
