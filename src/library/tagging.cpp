#include "library/tagging.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/throw.hpp"
#include "library/genre_tags.hpp"
#include "library/tags.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

/// The genres that a verdict gives a file, under their names; none when the most probable is never to be written.
std::vector<std::string> genres_for(const Entry& entry, const TagOptions& options) {
    const Verdict& verdict = *entry.verdict;
    std::vector<std::string> genres;
    for (const std::size_t label : verdict.ranking()) {
        if (std::ssize(genres) == options.top) break;
        if (label != verdict.best() && static_cast<double>(verdict.probabilities[label]) < options.further) break;
        const std::optional<std::string> name = options.names(entry.model->labels[label]);
        if (!name && label == verdict.best()) return {};
        if (name && std::ranges::find(genres, *name) == genres.end()) genres.push_back(*name);
    }
    return genres;
}

bool sure_enough(const Verdict& verdict, const TagOptions& options) {
    if (!options.minimum_probability) return !verdict.uncertain;
    return static_cast<double>(verdict.probabilities[verdict.best()]) >= *options.minimum_probability;
}

void plan_entry(const Entry& entry, const TagOptions& options, TagPlan& plan) {
    if (!entry.verdict || !entry.content) return;
    const std::vector<std::string> before = genres_of_tag(entry.content->genre);
    if (!before.empty() && !options.replace) {
        ++plan.kept;
        return;
    }
    if (!sure_enough(*entry.verdict, options)) {
        ++plan.uncertain;
        return;
    }
    std::vector<std::string> after = genres_for(entry, options);
    if (after.empty()) {
        ++plan.unnamed;
    } else if (after == before) {
        ++plan.same;
    } else {
        const Verdict& verdict = *entry.verdict;
        plan.tags.push_back({entry.id, entry.path, before, std::move(after),
                             static_cast<double>(verdict.probabilities[verdict.best()])});
    }
}

}  // namespace

TagPlan plan_tags(Index& index, const TagOptions& options) {
    TagPlan plan;
    ListOptions list_options = options.list;
    list_options.limit = 0;
    bool checked = false;
    const auto take = [&](const Entry& entry) {
        if (!checked && entry.model) options.names.check(entry.model->labels);
        checked = checked || entry.model != nullptr;
        plan_entry(entry, options, plan);
    };
    if (options.folders.empty()) {
        list_options.folders.clear();
        list(index, list_options, take);
    }
    for (const fs::path& folder : options.folders) {
        list_options.folders = {normal_path(folder)};
        list(index, list_options, take);
    }
    // Folders may lie in one another.
    std::ranges::sort(plan.tags, {}, &PlannedTag::path);
    const auto [first, last] = std::ranges::unique(plan.tags, {}, &PlannedTag::path);
    plan.tags.erase(first, last);
    return plan;
}

void write_tag(Index& index, TagJournal& journal, std::int64_t run, const PlannedTag& tag) {
    Retag retag(tag.path, tag.after);
    const std::int64_t change = journal.intend(run, tag.file, retag.change());
    try {
        retag.commit();
    } catch (...) {
        journal.withdraw(change);
        throw;
    }
    Transaction transaction(index.database());
    journal.mark_made(change);
    index.retagged(tag.path, fmt::format("{}", fmt::join(tag.after, ";")));
    transaction.commit();
}

Undone undo_tag(Index& index, TagJournal& journal, const KeptChange& kept) {
    const fs::path file = index.path_of(kept.file).value_or(kept.change.file);
    const Undone how = undo(kept.change, file);
    Transaction transaction(index.database());
    journal.mark_undone(kept.id);
    index.retagged(file, fmt::format("{}", fmt::join(kept.change.before, ";")));
    transaction.commit();
    return how;
}

}  // namespace earmark
