#include "dataset/analysis/files.hpp"

#include <set>

#include "base/throw.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

void stopped_reading(const fs::path& folder) {
    base::fail(ErrorCode::interrupted, "{}: stopped before all tracks were read; nothing was kept.", folder.string());
}

TrackFolder find_files(const fs::path& folder, const FolderOptions& options) {
    if (options.label_list.empty()) return find_tracks(folder);
    return find_labelled_tracks(folder, options.label_list, options.labels);
}

void add_track(StoreWriter& writer, bool many_labels, const TrackFile& file, const AnalyzedTrack& track) {
    if (many_labels) {
        writer.add(file.name, file.holds, track.times, track.values);
    } else {
        writer.add(file.name, file.genre, track.times, track.values);
    }
}

StoreSummary analyze_files(const fs::path& folder, TrackFolder found, const FolderOptions& options,
                           base::SpareThreads& spare, const std::function<AnalyzedTrack(const TrackFile&)>& analyze,
                           const std::function<void(const TrackFile&, AnalyzedTrack&)>& take) {
    StoreSummary summary;
    summary.root = found.root;
    summary.failures = std::move(found.failures);
    for (std::string& warning : found.warnings)
        summary.warnings.push_back({found.root, ErrorCode::internal, std::move(warning)});
    std::set<std::string> labels;
    const auto total = static_cast<std::int64_t>(found.tracks.size());
    const auto failed = [&] { return std::ssize(summary.failures); };
    const auto file_at = [&](std::int64_t i) -> const TrackFile& { return found.tracks[static_cast<std::size_t>(i)]; };
    if (options.progress) options.progress({0, total, failed()});
    const bool complete = parallel_ordered<AnalyzedTrack>(
        total, options.jobs, [&](std::int64_t i) { return analyze(file_at(i)); },
        [&](std::int64_t i, AnalyzedTrack&& track) {
            const TrackFile& file = file_at(i);
            if (track.failure) {
                summary.failures.push_back(std::move(*track.failure));
            } else {
                for (std::string& warning : track.warnings) {
                    summary.warnings.push_back(
                        {file.path, ErrorCode::internal, fmt::format("{}: {}", file.path.string(), warning)});
                }
                if (!file.genre.empty()) labels.insert(file.genre);
                ++summary.tracks;
                summary.segments += static_cast<std::int64_t>(track.times.size());
                summary.silent_segments += track.silent;
                summary.seconds += track.seconds;
                take(file, track);
            }
            if (options.progress) options.progress({i + 1, total, failed()});
        },
        options.stop, 0, &spare);
    if (!complete) stopped_reading(folder);

    summary.labels.assign(labels.begin(), labels.end());
    summary.many_labels = found.labelling.many;
    if (summary.many_labels) summary.labels = found.labels;
    if (summary.labels.size() < 2 || summary.tracks == 0) {
        const std::string first = summary.failures.empty() ? std::string() : " " + summary.failures.front().message;
        base::fail(summary.labels.empty() ? ErrorCode::no_audio : ErrorCode::bad_data,
                   "{}: of {} files {} could be used, {} of genres: at least two are needed.{}", folder.string(), total,
                   summary.tracks, summary.labels.size(), first);
    }
    return summary;
}

}  // namespace earmark::dataset
