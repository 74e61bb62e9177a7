#include "library/tag_journal.hpp"

#include <ctime>
#include <set>

#include "core/throw.hpp"
#include "library/file_replacement.hpp"
#include "library/packing.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

enum class State { intended = 0, made = 1, undone = 2 };

constexpr int number(State state) {
    return static_cast<int>(state);
}

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void mark(Database& database, std::int64_t change, State state) {
    database.prepare("UPDATE tag_changes SET state = ? WHERE id = ?").bind(number(state), change).run();
}

}  // namespace

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
}

std::int64_t TagJournal::intend(std::int64_t run, std::int64_t file, const TagChange& change) {
    // A power failure must not take along what the file's rename outlives.
    database_.run("PRAGMA synchronous = FULL");
    Transaction transaction(database_);
    const std::string before = json_text(change.before);
    const std::string after = json_text(change.after);
    database_
        .prepare(
            "INSERT INTO tag_changes (run, file, path, state, before, after, old_bytes, new_bytes, patch) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(run, file, change.file, number(State::intended), before, after, Bytes(change.old_bytes),
              Bytes(change.new_bytes), bytes_of(change.patch))
        .run();
    const std::int64_t id = database_.last_row();
    transaction.commit();
    return id;
}

void TagJournal::mark_made(std::int64_t change) {
    mark(database_, change, State::made);
}

void TagJournal::mark_undone(std::int64_t change) {
    mark(database_, change, State::undone);
}

void TagJournal::withdraw(std::int64_t change) {
    database_.prepare("DELETE FROM tag_changes WHERE id = ?").bind(change).run();
}

void TagJournal::recover(const std::function<void(const TagChange&, bool)>& tell) {
    if (database_.number("SELECT count(*) FROM tag_runs WHERE at_work") == 0) return;
    std::vector<std::int64_t> open;
    {
        Statement rows = database_.prepare("SELECT id FROM tag_changes WHERE state = ? ORDER BY id");
        rows.bind(number(State::intended));
        while (rows.step()) open.push_back(rows.integer(0));
    }
    for (const std::int64_t id : open) {
        const TagChange change = this->change(id).change;
        bool made = false;
        try {
            made = hash_of_file(change.file) == change.new_bytes;
        } catch (const Error&) {  // it is gone, or cannot be read: nothing was changed that could be undone
        }
        if (made) {
            mark_made(id);
        } else {
            withdraw(id);
        }
        tell(change, made);
    }
    std::set<fs::path> folders;
    {
        Statement rows = database_.prepare("SELECT path FROM files");
        rows.bind();
        while (rows.step()) folders.insert(fs::path(text_of(rows.bytes(0))).parent_path());
    }
    for (const fs::path& folder : folders) remove_stale_copies(folder);
    database_.run("UPDATE tag_runs SET at_work = 0");
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
        fail(ErrorCode::bad_option, "{}: the journal has no run {}. `earmark tag --runs` lists them.",
             database_.path().string(), run);
    }
    std::vector<std::int64_t> changes;
    Statement rows = database_.prepare("SELECT id FROM tag_changes WHERE run = ? AND state = ? ORDER BY id DESC");
    rows.bind(run, number(State::made));
    while (rows.step()) changes.push_back(rows.integer(0));
    return changes;
}

KeptChange TagJournal::change(std::int64_t id) {
    Statement row = database_.prepare(
        "SELECT file, path, before, after, old_bytes, new_bytes, patch FROM tag_changes WHERE id = ?");
    if (!row.bind(id).step()) fail(ErrorCode::internal, "the journal has no change {}.", id);
    KeptChange kept{id, row.integer(0), {}};
    kept.change.file = text_of(row.bytes(1));
    kept.change.before = words_of(row.text(2));
    kept.change.after = words_of(row.text(3));
    kept.change.old_bytes = digest_of(row.bytes(4));
    kept.change.new_bytes = digest_of(row.bytes(5));
    kept.change.patch = text_of(row.bytes(6));
    return kept;
}

}  // namespace earmark
