#include "dataset/feature_store.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "base/random.hpp"
#include "base/throw.hpp"
#include "dataset/copies.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "formats/json.hpp"
#include "formats/npy.hpp"
#include "model/options_json.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;
using nlohmann::json;

std::int64_t FeatureStore::segment_count() const noexcept {
    return tracks.empty() ? 0 : tracks.back().first_segment + tracks.back().segments;
}

std::size_t FeatureStore::segment_size() const {
    return static_cast<std::size_t>(segments.frames) * static_cast<std::size_t>(coefficient_count(features));
}

std::span<const float> FeatureStore::segment(std::int64_t index) const {
    const std::size_t size = segment_size();
    return std::span(values).subspan(static_cast<std::size_t>(index) * size, size);
}

std::vector<int> FeatureStore::segment_labels() const {
    std::vector<int> result;
    result.reserve(static_cast<std::size_t>(segment_count()));
    for (const StoredTrack& track : tracks)
        result.insert(result.end(), static_cast<std::size_t>(track.segments), track.label);
    return result;
}

bool FeatureStore::holds(const StoredTrack& track, std::size_t label) const {
    return labelling.many ? track.holds[label] != 0 : static_cast<std::size_t>(track.label) == label;
}

std::string FeatureStore::label_text(const StoredTrack& track) const {
    if (!labelling.many) return labels[static_cast<std::size_t>(track.label)];
    std::string text;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (track.holds[i] == 0) continue;
        if (!text.empty()) text += "; ";
        text += labels[i];
    }
    return text;
}

std::vector<int> FeatureStore::segment_tracks() const {
    std::vector<int> result;
    result.reserve(static_cast<std::size_t>(segment_count()));
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        result.insert(result.end(), static_cast<std::size_t>(tracks[i].segments), static_cast<int>(i));
    }
    return result;
}

std::string FeatureStore::fingerprint() const {
    std::uint64_t hash = base::fnv1a_start;
    for (const StoredTrack& track : tracks) {
        const std::string line = formats::csv_line({track.name, label_text(track), std::to_string(track.segments)});
        hash = base::fnv1a(hash, line.data(), line.size());
    }
    hash = base::fnv1a(hash, values.data(), values.size() * sizeof(float));
    return fmt::format("{:016x}", hash);
}

std::string FeatureStore::split_fingerprint() const {
    std::string text = fingerprint();
    if (!has_copies()) return text;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (tracks[i].copy_of >= 0) text += fmt::format(" {}={}", i, tracks[i].copy_of);
    }
    return fmt::format("{:016x}", base::fnv1a(base::fnv1a_start, text.data(), text.size()));
}

std::span<const float> FeatureStore::track_values(const StoredTrack& track) const {
    const std::size_t size = segment_size();
    return std::span(values).subspan(static_cast<std::size_t>(track.first_segment) * size,
                                     static_cast<std::size_t>(track.segments) * size);
}

bool FeatureStore::has_copies() const {
    return std::ranges::any_of(tracks, [](const StoredTrack& track) { return track.copy_of >= 0; });
}

FeatureStore labelled_by_track(FeatureStore store) {
    store.labels.clear();
    store.labelling = {};
    for (StoredTrack& track : store.tracks) track.holds.clear();
    for (StoredTrack& track : store.tracks) {
        if (track.copy_of >= 0) {
            track.label = store.tracks[static_cast<std::size_t>(track.copy_of)].label;
            continue;
        }
        track.label = static_cast<int>(store.labels.size());
        store.labels.push_back(track.name);
    }
    return store;
}

bool is_store(const fs::path& path) {
    std::error_code error;
    return fs::exists(path / "options.json", error) && fs::exists(path / "features.npy", error);
}

namespace {

void read_options(const fs::path& path, FeatureStore& store) {
    const std::string where = path.string();
    const json options = formats::parse_json(files::read_file(path, std::size_t{1} << 24), where);
    const auto format = options.is_object() ? options.find("format") : options.end();
    if (format == options.end() || !format->is_number_integer()) {
        base::fail(ErrorCode::corrupt, "{}: says no \"format\". Make the store again with earmark store create.",
                   where);
    }
    if (*format != 1 && *format != 2) {
        base::fail(ErrorCode::unsupported, "{}: format {} was written by a newer Earmark. Use that one.", where,
                   format->dump());
    }
    for (const char* key : {"features", "segments", "labels"}) {
        if (!options.contains(key))
            base::fail(ErrorCode::corrupt, "{}: lacks \"{}\". Make the store again.", where, key);
    }
    store.features = model::feature_options(options["features"], where);
    store.segments = model::segment_options(options["segments"], where);
    try {
        validate(store.segments, store.features);
        store.labels = options["labels"].get<std::vector<std::string>>();
        if (*format == 2) {
            store.labelling.many = options.at("many_labels").get<bool>();
            store.labelling.group = label_group(options.at("label_group").get<std::string>());
        }
    } catch (const Error& error) {
        base::fail(ErrorCode::corrupt, "{}: {}", where, error.what());
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt, "{}: what it says of labels has the wrong types. Make the store again.", where);
    }
    const std::unordered_set<std::string> different(store.labels.begin(), store.labels.end());
    if (different.size() != store.labels.size()) {
        base::fail(ErrorCode::corrupt, "{}: names a label twice. Make the store again.", where);
    }
    if (store.labels.size() < 2) {
        base::fail(ErrorCode::bad_data, "{}: a data set needs at least two labels, this one has {}.", where,
                   store.labels.size());
    }
}

template <typename Number>
bool parse_number(const std::string& text, Number& number) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
}

void read_index(const fs::path& path, FeatureStore& store) {
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t segment = table.column("segment");
    const std::size_t track = table.column("track");
    const std::size_t genre = store.labelling.many ? 0 : table.column("genre");
    const std::size_t start = table.column("start_seconds");
    const std::size_t end = table.column("end_seconds");
    std::unordered_map<std::string, int> labels;
    for (const std::string& label : store.labels) labels.emplace(label, static_cast<int>(labels.size()));
    std::unordered_set<std::string> names;

    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::vector<std::string>& row = table.rows[i];
        const auto corrupt = [&](const std::string& what) {
            base::fail(ErrorCode::corrupt, "{}: line {}: {}. Make the store again.", table.where, table.lines[i], what);
        };
        std::int64_t number = 0;
        SegmentTime time;
        if (!parse_number(row[segment], number) || number != static_cast<std::int64_t>(i)) {
            corrupt(fmt::format("segment {} expected, found \"{}\"", i, row[segment]));
        }
        if (!parse_number(row[start], time.start) || !parse_number(row[end], time.end) || !std::isfinite(time.start) ||
            !std::isfinite(time.end) || time.start < 0.0 || time.end < time.start) {
            corrupt("its seconds make no sense");
        }
        int label = 0;
        if (!store.labelling.many) {
            const auto found = labels.find(row[genre]);
            if (found == labels.end()) corrupt(fmt::format("genre \"{}\" is none of the store's labels", row[genre]));
            label = found->second;
        }
        if (store.tracks.empty() || store.tracks.back().name != row[track]) {
            if (!names.insert(row[track]).second) corrupt(fmt::format("track \"{}\" stands apart", row[track]));
            store.tracks.push_back({row[track], label, number, 0});
        }
        if (store.tracks.back().label != label) {
            corrupt(fmt::format("track \"{}\" has a second genre", row[track]));
        }
        ++store.tracks.back().segments;
        store.times.push_back(time);
    }
}

/// Which labels hold of each track.
void read_labels(const fs::path& path, FeatureStore& store) {
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t track = table.column("track");
    const std::size_t labels = table.column("labels");
    const auto corrupt = [&](const std::string& what) {
        base::fail(ErrorCode::corrupt, "{}: {}. Make the store again.", table.where, what);
    };
    if (table.rows.size() != store.tracks.size())
        corrupt(fmt::format("has {} rows for {} tracks", table.rows.size(), store.tracks.size()));
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        StoredTrack& stored = store.tracks[i];
        if (table.rows[i][track] != stored.name) {
            corrupt(fmt::format("line {}: track \"{}\" expected, found \"{}\"", table.lines[i], stored.name,
                                table.rows[i][track]));
        }
        stored.holds.assign(store.labels.size(), 0);
        const std::string& text = table.rows[i][labels];
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find(' ', begin), text.size());
            std::size_t index = 0;
            if (!parse_number(text.substr(begin, end - begin), index) || index >= store.labels.size())
                corrupt(fmt::format("line {}: \"{}\" are no labels of the store", table.lines[i], text));
            stored.holds[index] = 1;
            begin = end + 1;
        }
    }
}

}  // namespace

FeatureStore open_store(const fs::path& folder) {
    std::error_code error;
    if (fs::is_directory(folder, error) && !is_store(folder)) {
        base::fail(ErrorCode::bad_data, "{}: is no feature store. Make one with earmark store create.",
                   folder.string());
    }
    FeatureStore store;
    read_options(folder / "options.json", store);
    read_index(folder / "index.csv", store);
    if (store.labelling.many) read_labels(folder / "labels.csv", store);
    read_sounds(folder / "tracks.csv", store);
    formats::NpyReader array(folder / "features.npy");
    const std::vector<std::int64_t> expected = {store.segment_count(), store.segments.frames,
                                                coefficient_count(store.features)};
    if (array.type() != "<f4" || array.shape() != expected) {
        base::fail(ErrorCode::corrupt,
                   "{}: should hold {} × {} × {} 32-bit floats, as index.csv and options.json say. {}",
                   array.path().string(), expected[0], expected[1], expected[2], "Make the store again.");
    }
    store.values.resize(static_cast<std::size_t>(array.size()));
    array.read(store.values);
    if (!std::all_of(store.values.begin(), store.values.end(), [](float value) { return std::isfinite(value); })) {
        base::fail(ErrorCode::corrupt, "{}: holds values that are not finite. Make the store again.",
                   array.path().string());
    }
    return store;
}

}  // namespace earmark::dataset
