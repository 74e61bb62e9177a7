#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "earmark/error.hpp"
#include "library/index/index.hpp"
#include "library/tagging/tag_journal.hpp"
#include "library/tagging/tag_plan.hpp"

namespace earmark::library {

/// What writing and undoing are to tell while they are at work. All are called on the thread that called, and may be
/// left out.
struct TagEvents {
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::function<void(const PlannedTag&)> written;
    std::function<void(const std::string&)> noted;  ///< of a file that was written: TagEdit::notes
    /// Undone::items; with what of the file is not as it was (TagRestore::left).
    std::function<void(const TagChange&, const std::vector<std::string>&)> restored_in_part;
    std::function<void(const Error&)> failed;  ///< a file, which is as it was; the message names it
};

/// What came of it, in numbers of files.
struct TagSummary {
    std::int64_t run = 0;
    std::int64_t done = 0;
    std::int64_t in_part = 0;  ///< of those: restored but for what other programs changed
    std::int64_t failed = 0;
    bool interrupted = false;     ///< ended by `stop`; files that were begun were finished
    std::optional<Error> ending;  ///< the index cannot be written, which ended it early: what was done stands
};

/// Writes what is planned, `jobs` files at a time (0: one a core), in no order. Each change is in the journal, for
/// good, before it happens to the file; the journal is written batch by batch, of as many files as are ready. The index
/// is brought in line, so that a scan does not take the files for changed. The caller holds the IndexLock.
TagSummary write_tags(Index& index, TagJournal& journal, const std::vector<PlannedTag>& tags, int jobs,
                      const TagEvents& events = {}, const base::StopFlag* stop = nullptr);

/// Undoes a run, in the same way, where its files now are.
/// @throws Error bad_option when there is no such run
TagSummary undo_tags(Index& index, TagJournal& journal, std::int64_t run, int jobs, const TagEvents& events = {},
                     const base::StopFlag* stop = nullptr);

}  // namespace earmark::library
