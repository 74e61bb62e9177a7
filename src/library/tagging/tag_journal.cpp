#include "library/tagging/tag_journal.hpp"

#include <algorithm>
#include <ctime>
#include <set>
#include <system_error>

#include "base/throw.hpp"
#include "library/tagging/file_replacement.hpp"
#include "library/tagging/packing.hpp"
#include "library/tags/track_content.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

enum class State { recorded = 0, made = 1, undone = 2 };

constexpr int number(State state) {
    return static_cast<int>(state);
}

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::optional<std::string> json_text_or_none(const std::optional<std::vector<std::string>>& words) {
    return words ? std::optional(json_text(*words)) : std::nullopt;
}

/// What is committed while it lives is on the disk then: a power failure must not take along what a file's rename
/// outlives.
class ScopedFullSync {
  public:
    explicit ScopedFullSync(Database& database) : database_(database) { database_.run("PRAGMA synchronous = FULL"); }
    ~ScopedFullSync() {
        try {
            database_.run("PRAGMA synchronous = NORMAL");
        } catch (const Error&) {  // then the rest is written with more care than is needed
        }
    }
    ScopedFullSync(const ScopedFullSync&) = delete;
    ScopedFullSync& operator=(const ScopedFullSync&) = delete;

  private:
    Database& database_;
};

/// Whether a file has the genres and moods that a change gave it, or was to give it.
RecoveredState outcome_of(const TagChange& change, const fs::path& path) {
    try {
        const files::ContentHash::Digest now = files::hash_of_file(path);
        if (now == change.old_bytes) return RecoveredState::not_made;
        // Another program may have changed it since.
        const std::optional<TrackTags> tags = read_track_tags(path);
        const bool made = now == change.new_bytes ||
                          (tags && std::ranges::is_permutation(tags->genres, change.after) &&
                           (!change.moods_after || std::ranges::is_permutation(tags->moods, *change.moods_after)));
        return made ? RecoveredState::made : RecoveredState::not_made;
    } catch (const Error&) {
        return RecoveredState::unknown;
    }
}

}  // namespace

TagJournal::TagJournal(Index& index)
    : index_(index),
      database_(index.database()),
      insert_(database_.prepare("INSERT INTO tag_changes (run, file, path, state, before, after, old_bytes, new_bytes, "
                                "patch, items, moods_before, moods_after) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      mark_(database_.prepare("UPDATE tag_changes SET state = ? WHERE id = ?")),
      discard_(database_.prepare("DELETE FROM tag_changes WHERE id = ?")),
      row_(database_.prepare(
          "SELECT file, path, before, after, old_bytes, new_bytes, patch, items, moods_before, moods_after "
          "FROM tag_changes WHERE id = ?")) {}

std::int64_t TagJournal::begin_run() {
    Transaction transaction(database_);
    database_.prepare("INSERT INTO tag_runs (begun, at_work) VALUES (?, 1)")
        .bind(std::int64_t{std::time(nullptr)})
        .run();
    const std::int64_t run = database_.last_row();
    transaction.commit();
    return run;
}

void TagJournal::reopen_run(std::int64_t run) {
    database_.prepare("UPDATE tag_runs SET at_work = 1 WHERE id = ?").bind(run).run();
}

void TagJournal::end_run(std::int64_t run) {
    database_.prepare("UPDATE tag_runs SET at_work = 0 WHERE id = ?").bind(run).run();
    forget_empty_runs();
}

void TagJournal::forget_empty_runs() {
    database_.run("DELETE FROM tag_runs WHERE at_work = 0 AND id NOT IN (SELECT run FROM tag_changes)");
}

std::vector<std::int64_t> TagJournal::record_pending(std::int64_t run, std::span<const PendingChange> pending) {
    std::vector<std::int64_t> changes;
    if (pending.empty()) return changes;
    const ScopedFullSync full_sync(database_);
    Transaction transaction(database_);
    for (const auto& [file, change] : pending) {
        const std::string before = json_text(change->before);
        const std::string after = json_text(change->after);
        const std::optional<std::string> moods_before = json_text_or_none(change->moods_before);
        const std::optional<std::string> moods_after = json_text_or_none(change->moods_after);
        const std::vector<std::uint8_t> items = pack_items(change->items);
        insert_
            .bind(run, file, change->file, number(State::recorded), before, after, Bytes(change->old_bytes),
                  Bytes(change->new_bytes), bytes_of(change->patch), Bytes(items), moods_before, moods_after)
            .run();
        changes.push_back(database_.last_row());
    }
    transaction.commit();
    return changes;
}

void TagJournal::mark(std::int64_t change, int state) {
    mark_.bind(state, change).run();
}

void TagJournal::note_tags(const fs::path& path, const std::vector<std::string>& genres,
                           const std::optional<std::vector<std::string>>& moods) {
    try {
        // As the next scan would read them, which may be in other words, and by the hand of another program.
        const std::optional<TrackTags> tags = read_track_tags(path);
        index_.note_tag_change(path, tags ? tags->genres : genres, tags && moods ? tags->moods : moods);
    } catch (const Error& error) {
        // Somebody took the file away the moment it was written: for the next scan to find out.
        if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::unreadable) throw;
    }
}

void TagJournal::mark_made(std::int64_t id, const fs::path& path, const TagChange& change) {
    mark(id, number(State::made));
    note_tags(path, change.after, change.moods_after);
}

void TagJournal::mark_undone(std::int64_t id, const fs::path& path, const TagChange& change) {
    mark(id, number(State::undone));
    note_tags(path, change.before, change.moods_before);
}

void TagJournal::discard(std::int64_t change) {
    discard_.bind(change).run();
}

void TagJournal::recover(const Sink<const TagChange&, RecoveredState>& tell) {
    if (database_.number("SELECT count(*) FROM tag_runs WHERE at_work") == 0) return;
    std::vector<std::int64_t> open;
    {
        Statement rows = database_.prepare("SELECT id FROM tag_changes WHERE state = ? ORDER BY id");
        rows.bind(number(State::recorded));
        while (rows.step()) open.push_back(rows.integer(0));
    }
    for (const std::int64_t id : open) {
        const JournalEntry kept = change(id);
        const RecoveredState outcome = outcome_of(kept.change, place_of(kept));
        recover(kept, outcome);
        tell(kept.change, outcome);
    }
    remove_stale_copies_of_all();
    database_.run("UPDATE tag_runs SET at_work = 0");
    forget_empty_runs();
}

void TagJournal::recover(const JournalEntry& kept, RecoveredState outcome) {
    Transaction transaction(database_);
    switch (outcome) {
        case RecoveredState::made:
            mark_made(kept.id, place_of(kept), kept.change);
            break;
        case RecoveredState::not_made:
            discard(kept.id);
            break;
        case RecoveredState::unknown:
            mark(kept.id, number(State::made));
            break;
    }
    transaction.commit();
}

void TagJournal::remove_stale_copies_of_all() {
    std::set<fs::path> folders;
    Statement rows = database_.prepare("SELECT path FROM files");
    while (rows.step()) {
        const fs::path path = text_of(rows.bytes(0));
        folders.insert(path.parent_path());
        // The copy of a file that a link leads to lies beside the file.
        std::error_code error;
        if (fs::is_symlink(path, error)) folders.insert(fs::weakly_canonical(path, error).parent_path());
    }
    for (const fs::path& folder : folders) remove_stale_copies(folder);
}

std::vector<TagRun> TagJournal::runs() {
    std::vector<TagRun> runs;
    Statement rows = database_.prepare(
        "SELECT tag_runs.id, begun, count(tag_changes.id), coalesce(sum(state = ?), 0) FROM tag_runs "
        "LEFT JOIN tag_changes ON run = tag_runs.id GROUP BY tag_runs.id ORDER BY tag_runs.id DESC");
    rows.bind(number(State::undone));
    while (rows.step()) runs.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)});
    return runs;
}

std::vector<std::int64_t> TagJournal::changes_of(std::int64_t run) {
    Statement known = database_.prepare("SELECT 1 FROM tag_runs WHERE id = ?");
    if (!known.bind(run).step()) {
        base::fail(ErrorCode::bad_option, "{}: the journal has no run {}. `runs` lists them.",
                   database_.path().string(), run);
    }
    std::vector<std::int64_t> changes;
    Statement rows = database_.prepare("SELECT id FROM tag_changes WHERE run = ? AND state = ? ORDER BY id DESC");
    rows.bind(run, number(State::made));
    while (rows.step()) changes.push_back(rows.integer(0));
    return changes;
}

JournalEntry TagJournal::change(std::int64_t id) {
    Statement& row = row_.bind(id);
    if (!row.step()) base::fail(ErrorCode::internal, "the journal has no change {}.", id);
    JournalEntry kept{id, row.integer(0), {}};
    kept.change.file = text_of(row.bytes(1));
    kept.change.before = words_of(row.text(2));
    kept.change.after = words_of(row.text(3));
    kept.change.old_bytes = digest_of(row.bytes(4));
    kept.change.new_bytes = digest_of(row.bytes(5));
    kept.change.patch = text_of(row.bytes(6));
    if (!row.is_null(7)) kept.change.items = unpack_items(row.bytes(7));
    if (!row.is_null(8)) kept.change.moods_before = words_of(row.text(8));
    if (!row.is_null(9)) kept.change.moods_after = words_of(row.text(9));
    row.step();  // to its end, so that it holds up nobody
    return kept;
}

fs::path TagJournal::place_of(const JournalEntry& kept) {
    return index_.path_of(kept.file).value_or(kept.change.file);
}

}  // namespace earmark::library
