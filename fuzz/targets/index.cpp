#include "library/index/index.hpp"

#include <system_error>

#include "library/index/listing.hpp"
#include "library/index/statistics.hpp"
#include "library/tagging/tag_journal.hpp"
#include "library/tagging/tag_plan.hpp"
#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// What SQLite puts beside a database.
class Companions {
  public:
    Companions() = default;
    ~Companions() {
        std::error_code error;
        for (const char* const name : {"fuzzed.sqlite-wal", "fuzzed.sqlite-shm", "fuzzed.sqlite-journal"}) {
            std::filesystem::remove(scratch_path(name), error);
        }
    }
    Companions(const Companions&) = delete;
    Companions& operator=(const Companions&) = delete;
};

/// Runs one use of an index. That it fails says nothing of the others.
template <typename Use>
void attempt(Use&& use) {
    try {
        use();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) throw;
    }
}

/// All that is read of an index which somebody else made, and what is written into it.
void run_index(Bytes bytes) {
    const Companions companions;
    const ScratchFile file("fuzzed.sqlite", bytes);
    library::Index index(file.path(), library::Database::Mode::existing);
    const auto look_at = [](const library::TrackDetails& entry) {
        if (entry.prediction) (void)library::genre_of(entry);
        (void)library::disagrees(entry);
    };
    attempt([&] { library::list(index, {.search = "a", .sort = library::SortBy::genre}, look_at); });
    attempt([&] { library::list(index, {}, look_at); });
    attempt([&] { library::list(index, {.failed = true}, look_at); });
    attempt([&] { (void)library::library_statistics(index, {}); });
    attempt([&] { (void)library::plan_tags(index, {}); });
    attempt([&] { (void)library::choose_model(index, std::nullopt); });
    attempt([&] {
        library::TagJournal journal(index);
        for (const library::TagRun& run : journal.runs()) {
            for (const std::int64_t change : journal.changes_of(run.id)) (void)journal.change(change);
        }
    });
    attempt([&] {
        (void)index.find("/music/a.flac");
        library::Transaction transaction(index.database());
        (void)index.forget("/music", false);
        index.prune();
        transaction.commit();
    });
}

const Registration index_target("index", run_index);

}  // namespace

}  // namespace earmark::fuzz
