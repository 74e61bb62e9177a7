#include "dataset/copies.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

std::vector<Copy> find_copies(std::span<const SoundPrint> prints, int jobs, const base::StopFlag* stop) {
    const auto count = static_cast<std::int64_t>(prints.size());
    std::vector<SoundSketch> sketches;
    for (const SoundPrint& print : prints) sketches.push_back(sketch_of(print, comparison_words));
    struct Pair {
        std::int64_t first;
        std::int64_t second;
        bool equal;
    };
    std::vector<Pair> pairs;
    std::mutex mutex;
    const auto look = [&](std::int64_t second) {
        for (std::int64_t first = 0; first < second; ++first) {
            const SoundPrint& print = prints[static_cast<std::size_t>(second)];
            const Likeness likeness = compare(print, sketches[static_cast<std::size_t>(first)]);
            if (likeness == Likeness::different) continue;
            const std::lock_guard lock(mutex);
            pairs.push_back({first, second, likeness == Likeness::equal});
        }
    };
    if (!base::parallel_for(count, jobs, look, stop)) {
        base::fail(ErrorCode::interrupted, "stopped before all tracks were compared; nothing was kept.");
    }
    // Copies of a copy are copies, so each recording is named by the first of all its tracks.
    std::vector<std::int64_t> first_of(prints.size());
    std::iota(first_of.begin(), first_of.end(), std::int64_t{0});
    const auto root = [&](std::int64_t track) {
        while (first_of[static_cast<std::size_t>(track)] != track) track = first_of[static_cast<std::size_t>(track)];
        return track;
    };
    std::vector<bool> equal(prints.size());
    for (const Pair& pair : pairs) {
        const auto [low, high] = std::minmax({root(pair.first), root(pair.second)});
        first_of[static_cast<std::size_t>(high)] = low;
        if (pair.equal) equal[static_cast<std::size_t>(pair.second)] = true;
    }
    std::vector<Copy> copies;
    for (std::int64_t track = 0; track < count; ++track) {
        const std::int64_t first = root(track);
        if (first != track) copies.push_back({track, first, equal[static_cast<std::size_t>(track)]});
    }
    return copies;
}

std::vector<TrackCopy> named_copies(std::span<const Copy> copies, std::span<const std::string> names,
                                    std::span<const std::string> genres) {
    std::vector<TrackCopy> named;
    for (const Copy& copy : copies) {
        const auto track = static_cast<std::size_t>(copy.track);
        const auto first = static_cast<std::size_t>(copy.copy_of);
        named.push_back({names[track], names[first], genres[track], genres[first], copy.equal});
    }
    return named;
}

std::vector<TrackCopy> copies_in(const FeatureStore& store) {
    std::vector<TrackCopy> named;
    for (const StoredTrack& track : store.tracks) {
        if (track.copy_of < 0) continue;
        const StoredTrack& first = store.tracks[static_cast<std::size_t>(track.copy_of)];
        named.push_back({track.name, first.name, store.label_text(track), store.label_text(first), track.equal_copy});
    }
    return named;
}

std::vector<std::int64_t> recordings_of(const FeatureStore& store) {
    std::vector<std::int64_t> recordings;
    for (const StoredTrack& track : store.tracks) {
        recordings.push_back(track.copy_of < 0 ? std::ssize(recordings) : track.copy_of);
    }
    return recordings;
}

void write_sounds(const fs::path& path, std::span<const std::string> names, std::span<const SoundPrint> prints,
                  std::span<const Copy> copies) {
    std::string text = "track,sound,copy_of,copy\n";
    auto copy = copies.begin();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool is_copy = copy != copies.end() && copy->track == static_cast<std::int64_t>(i);
        text += formats::csv_line({names[i], fmt::format("{:016x}", prints[i].hash),
                                   is_copy ? names[static_cast<std::size_t>(copy->copy_of)] : "",
                                   !is_copy      ? ""
                                   : copy->equal ? "equal"
                                                 : "near"});
        text += '\n';
        if (is_copy) ++copy;
    }
    files::write_file(path, text);
}

void read_sounds(const fs::path& path, FeatureStore& store) {
    std::error_code error;
    if (!fs::exists(path, error)) return;
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t track = table.column("track");
    const std::size_t copy_of = table.column("copy_of");
    const std::size_t copy = table.column("copy");
    std::unordered_map<std::string, std::int64_t> places;
    if (table.rows.size() != store.tracks.size()) {
        base::fail(ErrorCode::corrupt, "{}: names {} tracks, but index.csv {}. Make the store again.", table.where,
                   table.rows.size(), store.tracks.size());
    }
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::vector<std::string>& row = table.rows[i];
        StoredTrack& each = store.tracks[i];
        const auto first = places.find(row[copy_of]);
        if (row[track] != each.name || (!row[copy_of].empty() && first == places.end())) {
            base::fail(ErrorCode::corrupt, "{}: line {} does not fit index.csv. Make the store again.", table.where,
                       table.lines[i]);
        }
        if (!row[copy_of].empty()) {
            const StoredTrack& original = store.tracks[static_cast<std::size_t>(first->second)];
            each.copy_of = original.copy_of < 0 ? first->second : original.copy_of;
            each.equal_copy = row[copy] == "equal";
        }
        places.emplace(each.name, static_cast<std::int64_t>(i));
    }
    store.copies_known = true;
}

}  // namespace earmark::dataset
