#include "library/tagging/tagging.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <set>

#include "base/parallel_batches.hpp"
#include "base/throw.hpp"
#include "library/tagging/tag_restore.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// What a thread made ready: a TagEdit or a TagRestore, or the reason why there is none.
template <typename Work>
struct Prepared {
    std::int64_t item = 0;
    std::unique_ptr<Work> work;
    std::optional<Error> error;

    /// @param make  whatever it throws becomes `error`
    template <typename Make>
    static Prepared by(std::int64_t item, const fs::path& path, Make&& make) {
        Prepared result{item, nullptr, std::nullopt};
        try {
            result.work = make();
        } catch (const Error& error) {
            result.error = error;
        } catch (const std::exception& error) {
            result.error = Error(ErrorCode::internal, fmt::format("{}: {}", path.string(), error.what()));
        }
        return result;
    }

    void commit() {
        if (error) return;
        try {
            work->commit();
        } catch (const Error& why) {
            error = why;
        }
    }
};

std::vector<metadata::FieldEdit> edits_of(const PlannedTag& tag) {
    std::vector<metadata::FieldEdit> edits;
    if (tag.writes_genres) edits.push_back({metadata::Field::genre, tag.after});
    if (tag.moods_after) edits.push_back({metadata::Field::mood, *tag.moods_after});
    return edits;
}

/// Refuses a file that has values of which the index does not know: it might be meant to keep them.
void refuse_unknown(const PlannedTag& tag, const char* field, const std::vector<std::string>& had,
                    const std::vector<std::string>& known) {
    if (had == known) return;
    base::fail(ErrorCode::changed,
               "{}: has the {} \"{}\", which the index does not know of. Forget the file, and scan it again.",
               tag.path.string(), field, fmt::join(had, "; "));
}

std::unique_ptr<TagEdit> prepare(const PlannedTag& tag) {
    auto tag_edit = std::make_unique<TagEdit>(tag.path, edits_of(tag));
    // Asked last: what the file is now, it stays until it is replaced, or `commit` refuses.
    if (files::read_stamp(tag.path) != tag.stamp) {
        base::fail(ErrorCode::changed, "{}: has changed since it was scanned. Scan it again first.", tag.path.string());
    }
    const TagChange& change = tag_edit->change();
    if (tag.writes_genres && tag.before.empty()) refuse_unknown(tag, "genre", change.before, tag.values);
    if (tag.moods_after && tag.moods_before.empty()) refuse_unknown(tag, "mood", *change.moods_before, {});
    return tag_edit;
}

/// What writing and undoing have in common: counting and telling.
class Reporter {
  public:
    Reporter(TagSummary& summary, std::int64_t total, const TagEvents& events)
        : summary_(summary), total_(total), events_(events) {
        progress();
    }

    /// @return whether there was an error
    bool failed(const std::optional<Error>& error) {
        ++(error ? summary_.failed : summary_.done);
        if (error && events_.failed) events_.failed(*error);
        progress();
        return error.has_value();
    }

  private:
    void progress() {
        if (events_.progress) events_.progress({summary_.done + summary_.failed, total_, summary_.failed});
    }

    TagSummary& summary_;
    std::int64_t total_;
    const TagEvents& events_;
};

void sync_folders(const std::set<fs::path>& folders) {
    for (const fs::path& folder : folders) sync_folder(folder);
}

/// Has items prepared on `jobs` threads and committed on this one, batch by batch. Copies that wait for their turn take
/// room on the disk, so those that could not be written are tried again at the end, alone.
/// @return false when `stop` ended it
template <typename Work, typename Prepare, typename Commit>
bool in_batches(std::int64_t items, int jobs, Prepare prepare, Commit commit, const base::StopFlag* stop) {
    std::vector<std::int64_t> again;
    const bool whole = base::parallel_batches<Prepared<Work>>(
        items, jobs, prepare,
        [&](std::vector<Prepared<Work>> batch) {
            std::erase_if(batch, [&](const Prepared<Work>& each) {
                const bool no_room = each.error && each.error->code() == ErrorCode::cannot_write;
                if (no_room) again.push_back(each.item);
                return no_room;
            });
            commit(batch);
        },
        stop);
    for (const std::int64_t item : again) {
        if (stop != nullptr && *stop) return false;
        std::vector<Prepared<Work>> one;
        one.push_back(prepare(item));
        commit(one);
    }
    return whole;
}

class Writer {
  public:
    Writer(Index& index, TagJournal& journal, const std::vector<PlannedTag>& tags, const TagEvents& events)
        : index_(index), journal_(journal), tags_(tags), events_(events) {}

    TagSummary write(int jobs, const base::StopFlag* stop) {
        Reporter reporter(summary_, std::ssize(tags_), events_);
        summary_.run = journal_.begin_run();
        try {
            summary_.interrupted = !in_batches<TagEdit>(
                std::ssize(tags_), jobs,
                [&](std::int64_t item) {
                    const PlannedTag& tag = planned(item);
                    return Prepared<TagEdit>::by(item, tag.path, [&] { return prepare(tag); });
                },
                [&](std::vector<Prepared<TagEdit>>& batch) { commit(batch, reporter); }, stop);
            journal_.end_run(summary_.run);
        } catch (const Error& error) {
            summary_.ending = error;
        }
        return summary_;
    }

  private:
    const PlannedTag& planned(std::int64_t item) const { return tags_[static_cast<std::size_t>(item)]; }

    /// The heart of it. Killed at any point, each file is what it was or has its new tags, and the journal knows of
    /// all that may have.
    void commit(std::vector<Prepared<TagEdit>>& batch, Reporter& reporter) {
        std::vector<PendingChange> pending;
        for (const Prepared<TagEdit>& each : batch) {
            if (each.work) pending.push_back({planned(each.item).file, &each.work->change()});
        }
        const std::vector<std::int64_t> changes = journal_.record_pending(summary_.run, pending);
        std::set<fs::path> folders;
        for (Prepared<TagEdit>& each : batch) {
            each.commit();
            if (!each.error) folders.insert(each.work->change().file.parent_path());
        }
        sync_folders(folders);
        Transaction transaction(index_.database());
        auto change = changes.begin();
        for (const Prepared<TagEdit>& each : batch) {
            if (!each.work) continue;
            if (each.error) {
                journal_.discard(*change);
            } else {
                journal_.mark_made(*change, planned(each.item).path, each.work->change());
            }
            ++change;
        }
        transaction.commit();
        for (const Prepared<TagEdit>& each : batch) {
            if (reporter.failed(each.error)) continue;
            if (events_.written) events_.written(planned(each.item));
            if (!events_.noted) continue;
            for (const std::string& note : each.work->notes()) events_.noted(note);
        }
    }

    Index& index_;
    TagJournal& journal_;
    const std::vector<PlannedTag>& tags_;
    const TagEvents& events_;
    TagSummary summary_;
};

/// A change to be undone, where its file now is.
struct Undoing {
    Undoing(JournalEntry change, fs::path where)
        : kept(std::move(change)), path(std::move(where)), tag_restore(kept.change, path) {}

    void commit() { tag_restore.commit(); }

    JournalEntry kept;
    fs::path path;
    TagRestore tag_restore;
};

class Undoer {
  public:
    Undoer(Index& index, TagJournal& journal, std::int64_t run, const TagEvents& events)
        : index_(index), journal_(journal), changes_(journal.changes_of(run)), events_(events) {
        summary_.run = run;
    }

    TagSummary undo(int jobs, const base::StopFlag* stop) {
        Reporter reporter(summary_, std::ssize(changes_), events_);
        try {
            journal_.reopen_run(summary_.run);
            summary_.interrupted = !in_batches<Undoing>(
                std::ssize(changes_), jobs, [&](std::int64_t item) { return prepare(item); },
                [&](std::vector<Prepared<Undoing>>& batch) { commit(batch, reporter); }, stop);
            journal_.end_run(summary_.run);
        } catch (const Error& error) {
            summary_.ending = error;
        }
        return summary_;
    }

  private:
    Prepared<Undoing> prepare(std::int64_t item) {
        // The index is for one thread at a time; an error of it ends the undoing.
        std::unique_lock lock(index_mutex_);
        JournalEntry kept = journal_.change(changes_[static_cast<std::size_t>(item)]);
        const fs::path path = journal_.place_of(kept);
        lock.unlock();
        return Prepared<Undoing>::by(item, path, [&] { return std::make_unique<Undoing>(std::move(kept), path); });
    }

    void commit(std::vector<Prepared<Undoing>>& batch, Reporter& reporter) {
        std::set<fs::path> folders;
        for (Prepared<Undoing>& each : batch) {
            each.commit();
            const auto changed = each.error ? std::nullopt : each.work->tag_restore.changes();
            if (changed) folders.insert(changed->parent_path());
        }
        sync_folders(folders);
        {
            const std::scoped_lock lock(index_mutex_);
            Transaction transaction(index_.database());
            for (const Prepared<Undoing>& each : batch) {
                if (!each.error) journal_.mark_undone(each.work->kept.id, each.work->path, each.work->kept.change);
            }
            transaction.commit();
        }
        for (const Prepared<Undoing>& each : batch) {
            if (reporter.failed(each.error) || each.work->tag_restore.how() == Undone::bytes) continue;
            ++summary_.in_part;
            if (events_.restored_in_part) {
                events_.restored_in_part(each.work->kept.change, each.work->tag_restore.left());
            }
        }
    }

    Index& index_;
    TagJournal& journal_;
    std::vector<std::int64_t> changes_;
    const TagEvents& events_;
    std::mutex index_mutex_;
    TagSummary summary_;
};

}  // namespace

TagSummary write_tags(Index& index, TagJournal& journal, const std::vector<PlannedTag>& tags, int jobs,
                      const TagEvents& events, const base::StopFlag* stop) {
    return Writer(index, journal, tags, events).write(jobs, stop);
}

TagSummary undo_tags(Index& index, TagJournal& journal, std::int64_t run, int jobs, const TagEvents& events,
                     const base::StopFlag* stop) {
    return Undoer(index, journal, run, events).undo(jobs, stop);
}

}  // namespace earmark::library
