#include "library/tagging/tag_plan.hpp"

#include <algorithm>
#include <set>
#include <system_error>

#include "library/tagging/albums.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// The file that a path leads to through links; the path itself where that cannot be told.
fs::path target_of(const fs::path& path) {
    std::error_code error;
    fs::path target = fs::canonical(path, error);
    return error ? path : target;
}

class Planner {
  public:
    explicit Planner(const TagOptions& options) : options_(options) {}

    void hear(const TrackDetails& entry) {
        if (entry.prediction) albums_.add(entry);
    }

    void plan(const TrackDetails& entry) {
        if (!checked_ && entry.model) options_.names.check(entry.model->labels);
        checked_ = checked_ || entry.model != nullptr;
        if (!entry.prediction || !entry.content) return;
        if (!entry.tag_genres.empty() && !options_.replace) {
            ++plan_.kept;
            return;
        }
        Prediction prediction;
        prediction.probabilities = options_.album ? albums_.probabilities(entry) : entry.prediction->probabilities;
        const auto probability = static_cast<double>(prediction.probabilities[prediction.best()]);
        const Certainty certainty = certainty_of(entry, probability);
        const bool enough =
            options_.minimum_probability ? probability >= *options_.minimum_probability : certainty == Certainty::sure;
        if (!enough) ++plan_.uncertain;
        if (!enough && options_.minimum_probability) return;
        std::vector<std::string> after = genres_for(prediction, *entry.model);
        if (after.empty()) {
            plan_.unnamed += enough ? 1 : 0;
        } else if (after == entry.content->tags.genres) {
            plan_.same += enough ? 1 : 0;
        } else {
            const TrackTags& tags = entry.content->tags;
            (enough ? plan_.tags : plan_.unsure)
                .push_back({entry.id, entry.path, entry.stamp, tags.genres, entry.tag_genres, std::move(after),
                            probability, certainty, tags.artist, tags.title, tags.album});
        }
    }

    TagPlan finish() {
        // Links may lead to the same file.
        std::set<fs::path> targets;
        for (std::vector<PlannedTag>* tags : {&plan_.tags, &plan_.unsure}) {
            std::ranges::sort(*tags, {}, &PlannedTag::path);
            std::erase_if(*tags, [&](const PlannedTag& tag) { return !targets.insert(target_of(tag.path)).second; });
        }
        plan_.unmeasured.assign(unmeasured_.begin(), unmeasured_.end());
        return std::move(plan_);
    }

  private:
    Certainty certainty_of(const TrackDetails& entry, double probability) {
        if (!entry.model->sure && !options_.minimum_probability) unmeasured_.insert(entry.model->name);
        if (probability >= entry.model->sure.value_or(unmeasured_sure)) return Certainty::sure;
        // An album is as doubtful as its tracks' threshold would have it; the index keeps a track's verdict alone.
        return entry.prediction->uncertain ? Certainty::doubtful : Certainty::likely;
    }

    /// The genres that a prediction gives a file, under their names; none when the most probable is never to be written.
    std::vector<std::string> genres_for(const Prediction& prediction, const IndexedModel& model) const {
        std::vector<std::string> genres;
        for (const std::size_t label : prediction.ranking()) {
            if (std::ssize(genres) == options_.top) break;
            const bool first = label == prediction.best();
            if (!first && static_cast<double>(prediction.probabilities[label]) < options_.further) break;
            const std::optional<std::string> name = options_.names(model.labels[label]);
            if (!name && first) return {};
            if (name && std::ranges::find(genres, *name) == genres.end()) genres.push_back(*name);
        }
        return genres;
    }

    const TagOptions& options_;
    Albums albums_;
    TagPlan plan_;
    std::set<std::string> unmeasured_;
    bool checked_ = false;
};

}  // namespace

TagPlan plan_tags(Index& index, const TagOptions& options) {
    Planner planner(options);
    // Of an album all tracks have a say, also those that were not asked for.
    if (options.album)
        list(index, {.tags = options.list.tags}, [&](const TrackDetails& entry) { planner.hear(entry); });
    TrackQuery query = options.list;
    query.limit = 0;
    list(index, query, [&](const TrackDetails& entry) { planner.plan(entry); });
    TagPlan plan = planner.finish();
    for (const fs::path& folder : query.folders) {
        bool known = false;
        index.each_below(folder, [&](std::int64_t, FileState, const fs::path&) { known = true; });
        if (!known) plan.unknown.push_back(folder);
    }
    return plan;
}

}  // namespace earmark::library
