#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "library/index.hpp"
#include "library/retag.hpp"

namespace earmark {

/// A run of `earmark tag --write`, as the journal knows it.
struct TagRun {
    std::int64_t id = 0;
    std::int64_t begun = 0;  ///< seconds since 1970
    std::int64_t changed = 0;
    std::int64_t undone = 0;
};

/// A change that the journal keeps.
struct KeptChange {
    std::int64_t id = 0;
    std::int64_t file = 0;  ///< number of the file in the index, which it keeps when it moves
    TagChange change;
};

/// What was written into tags, and what it takes to undo it, in the index. A change is kept before its file is touched,
/// and its end afterwards, so that `recover` can tell after a crash what came of it.
class TagJournal {
  public:
    explicit TagJournal(Index& index) : database_(index.database()) {}

    std::int64_t begin_run();
    /// Before changes of a run are undone.
    void reopen_run(std::int64_t run);
    /// When a run, or its undoing, has ended without a crash.
    void end_run(std::int64_t run);
    /// Keeps a change that is about to be made, for good: it is on the disk when this returns.
    std::int64_t intend(std::int64_t run, std::int64_t file, const TagChange& change);
    void mark_made(std::int64_t change);
    void mark_undone(std::int64_t change);
    /// Forgets a change that was not made after all.
    void withdraw(std::int64_t change);

    /// After a crash, finds out what came of changes whose end is not known: those that were made are marked so, the
    /// others withdrawn. Copies that were left beside the files of the index are removed. Calls `tell` with what was
    /// found.
    void recover(const std::function<void(const TagChange&, bool made)>& tell);

    /// The latest first.
    std::vector<TagRun> runs();
    /// The changes of a run that are to be undone, the latest first. @throws Error bad_option when there is no such run
    std::vector<std::int64_t> changes_of(std::int64_t run);
    KeptChange change(std::int64_t id);

  private:
    Database& database_;
};

}  // namespace earmark
