#include "dataset/make_store.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "dataset/store_writer.hpp"
#include "earmark/audio.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

/// What one file yields: segments, or the reason why not.
struct AnalyzedTrack {
    std::vector<SegmentTime> times;
    std::vector<float> values;
    std::int64_t silent = 0;
    double seconds = 0.0;
    std::vector<std::string> warnings;
    std::optional<files::FileFailure> failure;
};

[[noreturn]] void stopped(const fs::path& folder) {
    base::fail(ErrorCode::interrupted, "{}: stopped before all tracks were read; nothing was kept.", folder.string());
}

/// Hears files on several threads; segmenters, which hold plans and filters, are lent from one file to the next.
class Ears {
  public:
    Ears(const fs::path& folder, const FolderOptions& options) : folder_(folder), options_(options) {
        give_back(std::make_unique<Segmenter>(options.features, options.segments));  // says now if the options are bad
    }

    /// Threads that no file is left for, which decode for another.
    base::SpareThreads& spare() { return spare_; }

    AnalyzedTrack analyze(const TrackFile& file) {
        AnalyzedTrack track;
        try {
            std::unique_ptr<Segmenter> segmenter = lend();
            analyze(file, *segmenter, track);
            give_back(std::move(segmenter));  // one that a failure left half way through a signal is not used again
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) throw;
            track.failure = files::FileFailure{file.path, error.code(), error.what()};
        }
        return track;
    }

  private:
    void analyze(const TrackFile& file, Segmenter& segmenter, AnalyzedTrack& track) {
        const auto keep = [&track](const Segment& segment) {
            if (segment.silent) {
                ++track.silent;
                return;
            }
            track.times.push_back({segment.start_seconds, segment.end_seconds});
            track.values.insert(track.values.end(), segment.values.begin(), segment.values.end());
        };
        base::SpareThreads::Loan thread(&spare_);
        AudioReader reader(file.path, AudioOptions{options_.features.sample_rate});
        if (thread.take()) reader.decode_ahead();
        for (std::span<const float> samples = reader.read(); !samples.empty(); samples = reader.read()) {
            if (options_.stop != nullptr && *options_.stop) stopped(folder_);
            segmenter.push(samples, keep);
            if (thread.take()) reader.decode_ahead();
        }
        const std::int64_t segments = segmenter.finish(keep);
        track.seconds = static_cast<double>(reader.position()) / reader.sample_rate();
        track.warnings = reader.warnings();
        if (segments == 0) {
            base::fail(ErrorCode::too_short, "{}: {:.3f} s of audio is too short to judge. Leave it out.",
                       file.path.string(), track.seconds);
        }
        if (track.times.empty()) {
            base::fail(ErrorCode::no_audio, "{}: is silent throughout. Leave it out.", file.path.string());
        }
    }

    std::unique_ptr<Segmenter> lend() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                std::unique_ptr<Segmenter> segmenter = std::move(idle_.back());
                idle_.pop_back();
                return segmenter;
            }
        }
        return std::make_unique<Segmenter>(options_.features, options_.segments);
    }

    void give_back(std::unique_ptr<Segmenter> segmenter) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(segmenter));
    }

    const fs::path& folder_;
    const FolderOptions& options_;
    base::SpareThreads spare_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Segmenter>> idle_;
};

/// Hears all files of `found` and hands the tracks to `take(file, track)`, in order.
template <typename Take>
StoreSummary analyze_folder(const fs::path& folder, TrackFolder found, const FolderOptions& options, Take take) {
    StoreSummary summary;
    summary.root = found.root;
    summary.failures = std::move(found.failures);
    Ears ears(folder, options);
    std::set<std::string> labels;
    const auto total = static_cast<std::int64_t>(found.tracks.size());
    const auto failed = [&] { return std::ssize(summary.failures); };
    const auto file_at = [&](std::int64_t i) -> const TrackFile& { return found.tracks[static_cast<std::size_t>(i)]; };
    if (options.progress) options.progress({0, total, failed()});
    const bool complete = parallel_ordered<AnalyzedTrack>(
        total, options.jobs, [&](std::int64_t i) { return ears.analyze(file_at(i)); },
        [&](std::int64_t i, AnalyzedTrack&& track) {
            const TrackFile& file = file_at(i);
            if (track.failure) {
                summary.failures.push_back(std::move(*track.failure));
            } else {
                for (std::string& warning : track.warnings) {
                    summary.warnings.push_back(
                        {file.path, ErrorCode::internal, fmt::format("{}: {}", file.path.string(), warning)});
                }
                labels.insert(file.genre);
                ++summary.tracks;
                summary.segments += static_cast<std::int64_t>(track.times.size());
                summary.silent_segments += track.silent;
                summary.seconds += track.seconds;
                take(file, track);
            }
            if (options.progress) options.progress({i + 1, total, failed()});
        },
        options.stop, 0, &ears.spare());
    if (!complete) stopped(folder);

    summary.labels.assign(labels.begin(), labels.end());
    if (summary.labels.size() < 2) {
        const std::string first = summary.failures.empty() ? std::string() : " " + summary.failures.front().message;
        base::fail(summary.labels.empty() ? ErrorCode::no_audio : ErrorCode::bad_data,
                   "{}: of {} files {} could be used, {} of genres: at least two are needed.{}", folder.string(), total,
                   summary.tracks, summary.labels.size(), first);
    }
    return summary;
}

}  // namespace

StoreSummary create_store(const fs::path& folder, const fs::path& output, const FolderOptions& options) {
    validate(options.segments, options.features);
    TrackFolder found = find_tracks(folder);
    StoreWriter writer(output, options.features, options.segments);
    StoreSummary summary =
        analyze_folder(folder, std::move(found), options, [&](const TrackFile& file, AnalyzedTrack& track) {
            writer.add(file.name, file.genre, track.times, track.values);
        });
    summary.copies = writer.commit(summary.labels, options.jobs, options.stop);
    return summary;
}

std::pair<FeatureStore, StoreSummary> read_folder(const fs::path& folder, const FolderOptions& options) {
    validate(options.segments, options.features);
    FeatureStore store;
    store.features = options.features;
    store.segments = options.segments;
    std::vector<std::string> genres;  // of each track: the labels are known only at the end
    StoreSummary summary =
        analyze_folder(folder, find_tracks(folder), options, [&](const TrackFile& file, AnalyzedTrack& track) {
            store.tracks.push_back(
                {file.name, 0, store.segment_count(), static_cast<std::int64_t>(track.times.size())});
            genres.push_back(file.genre);
            store.times.insert(store.times.end(), track.times.begin(), track.times.end());
            store.values.insert(store.values.end(), track.values.begin(), track.values.end());
        });
    store.labels = summary.labels;
    std::vector<SoundPrint> prints;
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        const auto at = std::lower_bound(store.labels.begin(), store.labels.end(), genres[i]);
        store.tracks[i].label = static_cast<int>(at - store.labels.begin());
        prints.push_back(sound_print(store.track_values(store.tracks[i]), options.features, options.segments));
    }
    for (const Copy& copy : find_copies(prints, options.jobs, options.stop)) {
        StoredTrack& track = store.tracks[static_cast<std::size_t>(copy.track)];
        track.copy_of = copy.copy_of;
        track.equal_copy = copy.equal;
    }
    store.copies_known = true;
    summary.copies = copies_in(store);
    return {std::move(store), std::move(summary)};
}

}  // namespace earmark::dataset
