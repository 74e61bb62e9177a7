#include "library/tagging/tag_plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "library/tagging/albums.hpp"
#include "library/tags/label_names.hpp"

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
        if (entry.prediction && !entry.not_music) albums_.add(entry);
    }

    void plan(const TrackDetails& entry) {
        if (!entry.prediction || !entry.content) return;
        if (entry.not_music) {
            ++plan_.not_music;
            return;
        }
        const TrackTags& tags = entry.content->tags;
        PlannedTag tag{entry.id, entry.path, entry.stamp, tags.genres, entry.tag_genres};
        tag.artist = tags.artist;
        tag.title = tags.title;
        tag.album = tags.album;
        tag.moods_before = tags.moods;
        const bool enough = plan_genres(entry, tag);
        const bool moods = plan_moods(entry, tag);
        if (tag.writes_genres && !enough) {
            plan_.unsure.push_back(tag);
            tag.writes_genres = false;
        }
        if (!tag.writes_genres && !moods) return;
        if (!tag.writes_genres) {
            tag.after = tag.before;
            tag.probability = mood_probability_;
            tag.certainty = Certainty::sure;
        }
        plan_.tags.push_back(std::move(tag));
    }

    TagPlan finish() {
        // Links may lead to the same file.
        std::map<fs::path, fs::path> chosen;
        for (std::vector<PlannedTag>* tags : {&plan_.tags, &plan_.unsure}) {
            std::ranges::sort(*tags, {}, &PlannedTag::path);
            std::erase_if(*tags, [&](const PlannedTag& tag) {
                return chosen.emplace(target_of(tag.path), tag.path).first->second != tag.path;
            });
        }
        plan_.unmeasured.assign(unmeasured_.begin(), unmeasured_.end());
        return std::move(plan_);
    }

  private:
    /// Fills in genres; `writes_genres` says whether there are others than the file has. @return whether they are
    /// probable enough
    bool plan_genres(const TrackDetails& entry, PlannedTag& tag) {
        tag.writes_genres = false;
        if (!entry.tag_genres.empty() && !options_.replace) {
            ++plan_.kept;
            return false;
        }
        const std::vector<float> probabilities =
            options_.album ? albums_.probabilities(entry) : entry.prediction->probabilities;
        const std::optional<std::size_t> best = best_genre(entry.model->description, probabilities);
        if (!best) return false;  // its models name none
        tag.probability = static_cast<double>(probabilities[*best]);
        tag.certainty = certainty_of(entry, tag.probability);
        const bool enough = options_.minimum_probability ? tag.probability >= *options_.minimum_probability
                                                         : tag.certainty == Certainty::sure;
        if (!enough) ++plan_.uncertain;
        if (!enough && options_.minimum_probability) return false;
        tag.after = genres_for(entry, probabilities);
        if (tag.after.empty()) {
            plan_.unnamed += enough ? 1 : 0;
        } else if (tag.after == entry.content->tags.genres) {
            plan_.same += enough ? 1 : 0;
        } else {
            tag.writes_genres = true;
        }
        return enough;
    }

    /// Fills in the moods that hold with precision. @return whether there are others than the file has
    bool plan_moods(const TrackDetails& entry, PlannedTag& tag) {
        if (options_.moods == 0) return false;
        std::vector<std::string> moods;
        for (const Candidate& mood : precise_labels(entry, LabelGroup::mood)) {
            if (std::ssize(moods) == options_.moods) break;
            const std::optional<std::string> name = options_.mood_names(mood.label);
            if (!name || std::ranges::find(moods, *name) != moods.end()) continue;
            if (moods.empty()) mood_probability_ = static_cast<double>(mood.probability);
            moods.push_back(*name);
        }
        if (moods.empty() || moods == tag.moods_before) return false;
        if (!tag.moods_before.empty() && !options_.replace) {
            ++plan_.kept_moods;
            return false;
        }
        tag.moods_after = std::move(moods);
        return true;
    }

    Certainty certainty_of(const TrackDetails& entry, double probability) {
        if (!entry.model->sure && !options_.minimum_probability) unmeasured_.insert(entry.model->name);
        if (probability >= entry.model->sure.value_or(unmeasured_sure)) return Certainty::sure;
        // An album is as doubtful as its tracks' threshold would have it; the index keeps a track's verdict alone.
        return entry.prediction->uncertain ? Certainty::doubtful : Certainty::likely;
    }

    struct Candidate {
        std::string label;
        float probability = 0.0F;
    };

    /// The labels of a group that hold with precision by models of many labels, most probable first.
    static std::vector<Candidate> precise_labels(const TrackDetails& entry, LabelGroup group) {
        std::vector<Candidate> found;
        for (const HeldLabel& held : held_labels(entry, true)) {
            if (held.group == group) found.push_back({held.label, held.probability});
        }
        return found;
    }

    /// The genres that predictions give a file, under their names: those of its model, then further ones of models of
    /// many labels. None when the most probable is never to be written.
    std::vector<std::string> genres_for(const TrackDetails& entry, const std::vector<float>& probabilities) const {
        std::vector<std::string> genres;
        const auto add = [&](const std::string& label) {
            const std::optional<std::string> name = options_.names(label);
            const auto same = [&](const std::string& genre) { return label_key(genre) == label_key(*name); };
            if (name && std::ranges::none_of(genres, same)) genres.push_back(*name);
            return name.has_value();
        };
        Prediction prediction;
        prediction.probabilities = probabilities;
        bool first = true;
        for (const std::size_t label : prediction.ranking()) {
            if (entry.model->group(label) != LabelGroup::genre) continue;
            if (std::ssize(genres) == options_.top) return genres;
            if (!first && static_cast<double>(probabilities[label]) < options_.further) break;
            if (!add(entry.model->labels[label]) && first) return {};
            first = false;
        }
        for (const Candidate& genre : precise_labels(entry, LabelGroup::genre)) {
            if (std::ssize(genres) == options_.top) break;
            add(genre.label);
        }
        return genres;
    }

    const TagOptions& options_;
    Albums albums_;
    TagPlan plan_;
    std::set<std::string> unmeasured_;
    double mood_probability_ = 0.0;  // of the first mood of the entry that was planned last
};

/// Sees to it that what maps name is known to the index.
void check_names(Index& index, const TagOptions& options) {
    const IndexedModels models(index.database());
    if (models.all().empty()) return;
    options.names.check(models.labels_of(LabelGroup::genre), "genre");
    options.mood_names.check(models.labels_of(LabelGroup::mood), "mood");
}

}  // namespace

TagPlan plan_tags(Index& index, const TagOptions& options) {
    check_names(index, options);
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
