#include "dataset/make_store.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "dataset/analysis/files.hpp"
#include "dataset/store_writer.hpp"
#include "earmark/audio.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

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
            if (options_.stop != nullptr && *options_.stop) stopped_reading(folder_);
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

}  // namespace

StoreSummary create_store(const fs::path& folder, const fs::path& output, const FolderOptions& options) {
    validate(options.segments, options.features);
    TrackFolder found = find_files(folder, options);
    const bool many = found.labelling.many;
    StoreWriter writer(output, options.features, options.segments, found.labelling);
    Ears ears(folder, options);
    StoreSummary summary = analyze_files(
        folder, std::move(found), options, ears.spare(), [&](const TrackFile& file) { return ears.analyze(file); },
        [&](const TrackFile& file, AnalyzedTrack& track) { add_track(writer, many, file, track); });
    summary.copies = writer.commit(summary.labels, options.jobs, options.stop);
    return summary;
}

std::pair<FeatureStore, StoreSummary> read_folder(const fs::path& folder, const FolderOptions& options) {
    validate(options.segments, options.features);
    FeatureStore store;
    store.features = options.features;
    store.segments = options.segments;
    std::vector<std::string> genres;  // of each track: the labels are known only at the end
    TrackFolder found = find_files(folder, options);
    store.labelling = found.labelling;
    Ears ears(folder, options);
    StoreSummary summary = analyze_files(
        folder, std::move(found), options, ears.spare(), [&](const TrackFile& file) { return ears.analyze(file); },
        [&](const TrackFile& file, AnalyzedTrack& track) {
            store.tracks.push_back(
                {file.name, 0, store.segment_count(), static_cast<std::int64_t>(track.times.size())});
            store.tracks.back().holds = file.holds;
            genres.push_back(file.genre);
            store.times.insert(store.times.end(), track.times.begin(), track.times.end());
            store.values.insert(store.values.end(), track.values.begin(), track.values.end());
        });
    store.labels = summary.labels;
    std::vector<SoundPrint> prints;
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        if (!store.labelling.many) {
            const auto at = std::lower_bound(store.labels.begin(), store.labels.end(), genres[i]);
            store.tracks[i].label = static_cast<int>(at - store.labels.begin());
        }
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
