#include "library/scan/scan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <set>

#include "base/parallel_batches.hpp"
#include "base/throw.hpp"
#include "library/scan/analysis.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

const std::string& path_of(const files::FoundFile& file) {
    return file.path.native();
}

/// Whether there is certainly no file at a path; false when it cannot be told.
bool certainly_missing(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/// What was found out about a file, and which model named its genre before.
struct Looked {
    std::optional<std::int64_t> model;
    ScannedFile file;
};

class Scanner {
  public:
    Scanner(Index& index, const ScanOptions& options, const ScanEvents& events, const base::StopFlag* stop)
        : index_(index),
          options_(options),
          events_(events),
          stop_(stop),
          models_(index, options.models, options.excerpts) {}

    ScanSummary scan() {
        const auto begin = std::chrono::steady_clock::now();
        for (const fs::path& folder : options_.folders) folders_.push_back(files::normal_path(folder));
        found_ = files::walk(folders_, options_.walk, stop_);
        summary_.found = std::ssize(found_.files);
        sort_out();
        record_missing();
        if (!to_analyze_.empty()) analyze();
        Transaction transaction(index_.database());
        index_.prune();
        transaction.commit();
        summary_.missing = std::ssize(marked_);
        summary_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return summary_;
    }

  private:
    void tell_failure(const Error& error) {
        ++summary_.failed;
        if (events_.failed) events_.failed(error);
    }

    /// Parts what was found into what is known and what is to be analyzed.
    void sort_out() {
        std::vector<std::int64_t> returned;
        for (const files::FoundFile& file : found_.files) {
            const std::optional<IndexedFile> known = index_.find(file.path);
            const bool same = known && known->stamp == file.stamp;
            if (same && is_done(*known)) {
                if (known->state == FileState::analyzed) ++summary_.unchanged;
                if (known->state == FileState::failed) ++summary_.failed_before;
                if (known->missing) returned.push_back(known->id);
            } else {
                const bool was_analyzed = same && known->state == FileState::analyzed;
                to_analyze_.push_back({file.path, was_analyzed ? known->content : std::nullopt,
                                       was_analyzed && known->tags_current, known ? known->model : std::nullopt});
            }
        }
        if (returned.empty()) return;
        Transaction transaction(index_.database());
        for (const std::int64_t id : returned) index_.mark_present(id);
        transaction.commit();
    }

    /// Whether there is nothing more to find out about a file that has not changed.
    bool is_done(const IndexedFile& known) {
        const bool same_model = known.model && known.model == models_.naming(index_, known.model);
        switch (known.state) {
            case FileState::skipped:
                return true;
            case FileState::analyzed:
                return same_model && known.content && models_.know(known.content->hash) && known.tags_current;
            case FileState::failed:
                // Permission may have been given, and a disk plugged in again, without a trace on the file.
                return same_model && !options_.retry && known.error_code != to_string(ErrorCode::unreadable);
            case FileState::unreadable:
                break;
        }
        return false;
    }

    bool was_found(const fs::path& path) const {
        return std::ranges::binary_search(found_.files, path.native(), {}, path_of);
    }

    /// Whether something was found at a path or below.
    bool holds_files(const fs::path& folder) const {
        const PathRange range(folder);
        const auto first = std::ranges::lower_bound(found_.files, range.first.native(), {}, path_of);
        return was_found(folder) || (first != found_.files.end() && first->path.native() < range.end.native());
    }

    void record_missing() {
        Transaction transaction(index_.database());
        std::set<std::int64_t> looked_into_again;
        for (const fs::path& folder : folders_) {
            std::vector<std::pair<std::int64_t, FileState>> missing;
            std::int64_t entries = 0;
            index_.each_below(folder, [&](std::int64_t id, FileState state, const fs::path& path) {
                if (state == FileState::unreadable) {
                    looked_into_again.insert(id);
                    return;
                }
                entries += state != FileState::skipped;
                if (!was_found(path) && certainly_missing(path)) missing.emplace_back(id, state);
            });
            if (!missing.empty() && !holds_files(folder) && !was_a_file(folder)) {
                quiet_about_.insert(folder);
                if (!options_.mark_missing) {
                    tell_failure(Error(ErrorCode::not_found,
                                       fmt::format("{}: nothing is there now, but the index has {} files of it. Mount "
                                                   "its disk, or mark them with `mark_missing`.",
                                                   folder.string(), entries)));
                    continue;
                }
            }
            for (const auto& [id, state] : missing) mark_missing(id, state);
        }
        for (const std::int64_t id : looked_into_again) index_.remove(id);
        record_failures();
        transaction.commit();
    }

    /// Whether what is named is a file that is missing, rather than a folder whose disk may not be mounted.
    bool was_a_file(const fs::path& path) { return index_.find(path) && !certainly_missing(path.parent_path()); }

    void mark_missing(std::int64_t id, FileState state) {
        if (state == FileState::skipped) {
            index_.remove(id);
        } else {
            index_.mark_missing(id, static_cast<std::int64_t>(std::time(nullptr)));
            marked_.insert(id);
        }
    }

    void record_failures() {
        for (const files::FileFailure& failure : found_.failures) {
            const bool missing = failure.code == ErrorCode::not_found;
            if (missing && quiet_about_.contains(failure.path)) continue;  // said already, or wanted
            const Error error(failure.code, failure.message);
            tell_failure(error);
            if (missing) continue;
            ScannedFile place;
            place.path = failure.path;
            place.state = FileState::unreadable;
            place.error = error;
            index_.record(place, std::nullopt);
        }
    }

    void analyze() {
        models_.enter(index_);
        const std::int64_t total = std::ssize(to_analyze_);
        const int jobs = base::thread_count(options_.jobs, 2 * total) == 2 * total ? 2 : 1;
        std::int64_t done = 0;
        const auto progress = [&] {
            if (events_.progress) events_.progress({done, total, summary_.failed});
        };
        progress();
        const bool whole = base::parallel_batches<Looked>(
            total, options_.jobs,
            [&](std::int64_t i) {
                const FileToAnalyze& file = to_analyze_[static_cast<std::size_t>(i)];
                const ClassifyOptions how{.excerpts = options_.excerpts, .jobs = jobs};
                return Looked{file.model, look_at(file, models_, how, options_.open)};
            },
            [&](const std::vector<Looked>& batch) {
                const std::vector<RecordedFile> recorded = record(batch);
                for (std::size_t i = 0; i < batch.size(); ++i) {
                    const ScannedFile& file = batch[i].file;
                    // Copies that were analyzed at the same time are copies all the same.
                    const bool first = !file.predictions.empty() && models_.add(file.content->hash, file.predictions);
                    tell(file, recorded[i].as, first);
                    ++done;
                    progress();
                }
            },
            stop_);
        summary_.interrupted = !whole;
    }

    /// Writes results at once, so that only what is being analyzed can be lost.
    std::vector<RecordedFile> record(const std::vector<Looked>& batch) {
        std::vector<RecordedFile> recorded;
        Transaction transaction(index_.database());
        for (const Looked& looked : batch) {
            recorded.push_back(index_.record(looked.file, models_.naming(index_, looked.model)));
            marked_.erase(recorded.back().id);
        }
        transaction.commit();
        return recorded;
    }

    /// The number that an analyzed file counts in.
    std::int64_t& count_of(const ScannedFile& file, RecordedFile::As as, bool first) {
        if (first || (!file.predictions.empty() && as != RecordedFile::As::added)) return summary_.analyzed;
        if (file.unchanged) return summary_.unchanged;
        return as == RecordedFile::As::added ? summary_.copies : summary_.moved;
    }

    void tell(const ScannedFile& file, RecordedFile::As as, bool first) {
        switch (file.state) {
            case FileState::analyzed:
                ++count_of(file, as, first);
                if (const std::vector<std::string> warnings = warnings_of(file); !warnings.empty() && events_.warned) {
                    events_.warned(file.path, warnings);
                }
                break;
            case FileState::failed:
                tell_failure(*file.error);
                break;
            case FileState::skipped:
            case FileState::unreadable:
                break;
        }
    }

    /// Of all models, each sentence once.
    static std::vector<std::string> warnings_of(const ScannedFile& file) {
        std::vector<std::string> warnings;
        for (const ModelPrediction& by : file.predictions) {
            for (const std::string& warning : by.prediction.warnings) {
                if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(warning);
            }
        }
        return warnings;
    }

    Index& index_;
    const ScanOptions& options_;
    const ScanEvents& events_;
    const base::StopFlag* stop_;
    ScanModels models_;
    std::vector<fs::path> folders_;
    files::Walk found_;
    std::vector<FileToAnalyze> to_analyze_;
    std::set<std::int64_t> marked_;   // as missing, and not found elsewhere since
    std::set<fs::path> quiet_about_;  // folders that are missing, which was said or is wanted
    ScanSummary summary_;
};

}  // namespace

ScanSummary scan(Index& index, const ScanOptions& options, const ScanEvents& events, const base::StopFlag* stop) {
    return Scanner(index, options, events, stop).scan();
}

}  // namespace earmark::library
