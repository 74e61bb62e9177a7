#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earmark/sink.hpp"
#include "library/index/index.hpp"
#include "library/tagging/tag_edit.hpp"

namespace earmark::library {

/// A run of `earmark tag --write`, as the journal knows it.
struct TagRun {
    std::int64_t id = 0;
    std::int64_t begun = 0;  ///< seconds since 1970
    std::int64_t changed = 0;
    std::int64_t undone = 0;
};

/// A change that the journal keeps.
struct JournalEntry {
    std::int64_t id = 0;
    std::int64_t file = 0;  ///< number of the file in the index, which it keeps when it moves
    TagChange change;
};

/// A change that is about to be made.
struct PendingChange {
    std::int64_t file = 0;  ///< as in JournalEntry
    const TagChange* change = nullptr;
};

/// What `recover` found out about a change whose end was not known.
enum class RecoveredState {
    made,
    not_made,
    unknown,  ///< the file is not there, or cannot be read; kept, so that it can be undone if it was made
};

/// What was written into tags, and what it takes to undo it, in the index. A change is kept before its file is touched,
/// and its end afterwards, so that `recover` can tell after a crash what came of it. The marks, and `withdraw`, belong
/// within a Transaction.
class TagJournal {
  public:
    explicit TagJournal(Index& index);

    std::int64_t begin_run();
    /// Before changes of a run are undone.
    void reopen_run(std::int64_t run);
    /// When a run, or its undoing, has ended without a crash. A run that changed nothing is forgotten: there is nothing of
    /// it to undo.
    void end_run(std::int64_t run);
    /// Keeps changes that are about to be made, for good: they are on the disk when this returns.
    /// @return their numbers
    std::vector<std::int64_t> record_pending(std::int64_t run, std::span<const PendingChange> pending);
    /// Takes note that a change was made, and what tags the file at `path` has now, so that a scan does not take it for
    /// changed.
    void mark_made(std::int64_t id, const std::filesystem::path& path, const TagChange& change);
    void mark_undone(std::int64_t id, const std::filesystem::path& path, const TagChange& change);
    /// Forgets a change that was not made after all.
    void discard(std::int64_t change);

    /// After a crash, finds out what came of changes whose end is not known, and marks or withdraws them. Copies that
    /// were left beside the files of the index are removed. Calls `tell` with what was found.
    void recover(const Sink<const TagChange&, RecoveredState>& tell);

    /// The latest first.
    std::vector<TagRun> runs();
    /// The changes of a run that are to be undone, the latest first. @throws Error bad_option when there is no such run
    std::vector<std::int64_t> changes_of(std::int64_t run);
    JournalEntry change(std::int64_t id);
    /// Where the file of a change now is, as far as the index knows.
    std::filesystem::path place_of(const JournalEntry& kept);

  private:
    void mark(std::int64_t change, int state);
    void note_tags(const std::filesystem::path& path, const std::vector<std::string>& genres,
                   const std::optional<std::vector<std::string>>& moods);
    void recover(const JournalEntry& kept, RecoveredState outcome);
    void remove_stale_copies_of_all();
    void forget_empty_runs();

    Index& index_;
    Database& database_;
    // Run for every file.
    Statement insert_;
    Statement mark_;
    Statement discard_;
    Statement row_;
};

}  // namespace earmark::library
