#include "dataset/split.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "core/throw.hpp"
#include "dataset/csv.hpp"
#include "dataset/random.hpp"

namespace earmark {

using nlohmann::json;

std::string_view to_string(Part part) noexcept {
    switch (part) {
        case Part::none:
            return "none";
        case Part::train:
            return "train";
        case Part::valid:
            return "valid";
        case Part::test:
            return "test";
    }
    return "none";
}

std::optional<Part> part_named(std::string_view name) noexcept {
    for (const Part part : {Part::train, Part::valid, Part::test}) {
        if (to_string(part) == name) return part;
    }
    return std::nullopt;
}

std::vector<std::int64_t> Split::segments(Part part) const {
    std::vector<std::int64_t> result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == part) result.push_back(static_cast<std::int64_t>(i));
    }
    return result;
}

namespace {

/// The tracks of each genre by name, so that a split does not depend on their order in the store; the genres by name
/// too.
std::vector<std::vector<const StoredTrack*>> tracks_by_genre(const FeatureStore& store) {
    std::vector<std::size_t> order(store.labels.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return store.labels[a] < store.labels[b]; });
    std::vector<std::size_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;

    std::vector<std::vector<const StoredTrack*>> genres(store.labels.size());
    for (const StoredTrack& track : store.tracks)
        genres[place[static_cast<std::size_t>(track.label)]].push_back(&track);
    for (auto& tracks : genres) {
        std::sort(tracks.begin(), tracks.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    }
    return genres;
}

void assign(std::vector<Part>& parts, const StoredTrack& track, Part part) {
    std::fill_n(parts.begin() + track.first_segment, track.segments, part);
}

/// How many of `count` shuffled items go to testing and to validation; the others are for training. Three items or more
/// give each part that is asked for at least one.
struct Counts {
    std::size_t test;
    std::size_t valid;
};

Counts part_counts(std::size_t count, const SplitOptions& options) {
    const auto share = [count](double fraction) {
        const auto rounded = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(count)));
        return fraction > 0.0 && count >= 3 ? std::max<std::size_t>(rounded, 1) : rounded;
    };
    Counts counts{share(options.test_fraction), share(options.valid_fraction)};
    while (count > 0 && counts.test + counts.valid >= count) {
        --(counts.valid > counts.test || counts.test == 0 ? counts.valid : counts.test);
    }
    return counts;
}

Part part_at(std::size_t place, const Counts& counts) {
    return place < counts.test ? Part::test : place < counts.test + counts.valid ? Part::valid : Part::train;
}

void check_fractions(const SplitOptions& options) {
    const double valid = options.valid_fraction;
    const double test = options.test_fraction;
    if (!(valid >= 0.0 && test >= 0.0 && valid + test < 1.0)) {
        fail(ErrorCode::bad_option,
             "fractions {} for validation and {} for testing: give none below 0 that leave some {}", valid, test,
             "for training.");
    }
}

void split_tracks(const FeatureStore& store, Split& split) {
    check_fractions(split.options);
    for (auto& tracks : tracks_by_genre(store)) {
        if (tracks.empty()) continue;
        Random random(split.options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(tracks));
        const Counts counts = part_counts(tracks.size(), split.options);
        for (std::size_t i = 0; i < tracks.size(); ++i) assign(split.parts, *tracks[i], part_at(i, counts));
    }
}

void split_segments(const FeatureStore& store, Split& split) {
    check_fractions(split.options);
    for (const auto& tracks : tracks_by_genre(store)) {
        if (tracks.empty()) continue;
        std::vector<std::size_t> segments;
        for (const StoredTrack* track : tracks) {
            for (std::int64_t i = 0; i < track->segments; ++i) {
                segments.push_back(static_cast<std::size_t>(track->first_segment + i));
            }
        }
        Random random(split.options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(segments));
        const Counts counts = part_counts(segments.size(), split.options);
        for (std::size_t i = 0; i < segments.size(); ++i) split.parts[segments[i]] = part_at(i, counts);
    }
}

void split_folds(const FeatureStore& store, Split& split) {
    const int folds = split.options.folds;
    const int fold = split.options.fold;
    if (folds < 3) {
        fail(ErrorCode::bad_option, "--folds {}: give at least 3, one each for testing, validation and training.",
             folds);
    }
    if (fold < 0 || fold >= folds) {
        fail(ErrorCode::bad_option, "--fold {}: give one from 0 to {}.", fold, folds - 1);
    }
    std::size_t dealt = 0;  // goes on from genre to genre, so that small genres do not all fill the first folds
    for (auto& tracks : tracks_by_genre(store)) {
        if (tracks.empty()) continue;
        Random random(split.options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(tracks));
        for (const StoredTrack* track : tracks) {
            const int place = static_cast<int>(dealt++ % static_cast<std::size_t>(folds));
            const Part part = place == fold ? Part::test : place == (fold + 1) % folds ? Part::valid : Part::train;
            assign(split.parts, *track, part);
        }
    }
}

std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

void split_by_csv(const FeatureStore& store, Split& split) {
    if (split.options.csv.empty()) {
        fail(ErrorCode::bad_option, "a split of the kind csv needs a file: name it with --split-file.");
    }
    const CsvTable table = read_csv(split.options.csv);
    const std::size_t track_column = table.column("track");
    const std::size_t genre_column = table.column("genre");
    const std::size_t part_column = table.column("part");
    std::unordered_map<std::string, const StoredTrack*> tracks;
    for (const StoredTrack& track : store.tracks) tracks.emplace(track.name, &track);
    std::unordered_map<std::string, std::size_t> lines;
    std::vector<std::string> missing;

    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::vector<std::string>& row = table.rows[i];
        const std::size_t line = table.lines[i];
        const std::string& name = row[track_column];
        const std::optional<Part> part = part_named(row[part_column]);
        if (!part) {
            fail(ErrorCode::bad_data, "{}: line {}: part \"{}\" is none of train, valid and test.", table.where, line,
                 row[part_column]);
        }
        const auto [first, fresh] = lines.emplace(name, line);
        if (!fresh) {
            fail(ErrorCode::bad_data, "{}: line {} names track \"{}\" again, after line {}. Keep one of them.",
                 table.where, line, name, first->second);
        }
        const auto found = tracks.find(name);
        if (found == tracks.end()) {
            missing.push_back(name);
            continue;
        }
        const std::string& genre = store.labels[static_cast<std::size_t>(found->second->label)];
        if (genre != row[genre_column]) {
            fail(ErrorCode::bad_data, "{}: line {} says that track \"{}\" is {}, the data say {}. Correct one of them.",
                 table.where, line, name, row[genre_column], genre);
        }
        assign(split.parts, *found->second, *part);
    }
    if (missing.empty()) return;
    if (missing.size() == table.rows.size()) {
        fail(ErrorCode::bad_data, "{}: none of its tracks is in the data ({}). Give the split that belongs to them.",
             table.where, some_of(missing));
    }
    if (!split.options.allow_missing) {
        fail(ErrorCode::bad_data, "{}: names tracks that the data lack: {}. Correct it, or allow it with {}.",
             table.where, some_of(missing), "--allow-missing-tracks");
    }
    split.warnings.push_back(fmt::format("{}: {} of its tracks are not in the data and were passed over: {}.",
                                         table.where, missing.size(), some_of(missing)));
}

std::string describe(const SplitOptions& options) {
    const auto percent = [](double fraction) { return fmt::format("{:.4g} %", 100.0 * fraction); };
    if (options.kind == "csv") return fmt::format("as {} says", options.csv.filename().string());
    if (options.kind == "k-fold") {
        return fmt::format("fold {} of {} over tracks, stratified by genre, seed {}", options.fold, options.folds,
                           options.seed);
    }
    return fmt::format("random {}, {} for validation and {} for testing, stratified by genre, seed {}",
                       options.kind == "random-tracks" ? "tracks" : "segments (leaky)", percent(options.valid_fraction),
                       percent(options.test_fraction), options.seed);
}

}  // namespace

Split make_split(const FeatureStore& store, const SplitOptions& options) {
    Split split;
    split.options = options;
    split.parts.assign(static_cast<std::size_t>(store.segment_count()), Part::none);
    if (options.kind == "random-tracks") {
        split_tracks(store, split);
    } else if (options.kind == "random-segments") {
        split_segments(store, split);
        split.leaky = true;
    } else if (options.kind == "k-fold") {
        split_folds(store, split);
    } else if (options.kind == "csv") {
        split_by_csv(store, split);
    } else {
        fail(ErrorCode::bad_option, "split \"{}\" is none of random-tracks, k-fold, csv and random-segments.",
             options.kind);
    }
    if (options.kind != "csv") {
        const auto lacks = [&](Part part, bool wanted) {
            return wanted && std::find(split.parts.begin(), split.parts.end(), part) == split.parts.end();
        };
        const bool folds = options.kind == "k-fold";
        if (lacks(Part::train, true) || lacks(Part::test, folds || options.test_fraction > 0.0) ||
            lacks(Part::valid, folds || options.valid_fraction > 0.0)) {
            fail(ErrorCode::bad_data, "{} tracks are too few for this split ({}): a part of it is empty. Add tracks.",
                 store.tracks.size(), options.kind);
        }
    }
    split.description = describe(options);
    return split;
}

std::vector<std::string> tracks_of(const FeatureStore& store, const Split& split, Part part) {
    std::vector<std::string> names;
    for (const StoredTrack& track : store.tracks) {
        const auto begin = split.parts.begin() + track.first_segment;
        if (std::find(begin, begin + track.segments, part) != begin + track.segments) names.push_back(track.name);
    }
    return names;
}

json to_json(const SplitOptions& options) {
    json result = {{"kind", options.kind}};
    if (options.kind == "csv") {
        result["csv"] = options.csv.string();
        result["allow_missing"] = options.allow_missing;
        return result;
    }
    result["seed"] = options.seed;
    if (options.kind == "k-fold") {
        result["folds"] = options.folds;
        result["fold"] = options.fold;
    } else {
        result["valid_fraction"] = options.valid_fraction;
        result["test_fraction"] = options.test_fraction;
    }
    return result;
}

SplitOptions split_options(const json& object, const std::string& where) {
    if (!object.is_object()) fail(ErrorCode::corrupt, "{}: its split is no JSON object.", where);
    SplitOptions options;
    for (const auto& [key, value] : object.items()) {
        try {
            if (key == "kind") options.kind = value.get<std::string>();
            if (key == "valid_fraction") options.valid_fraction = value.get<double>();
            if (key == "test_fraction") options.test_fraction = value.get<double>();
            if (key == "folds") options.folds = value.get<int>();
            if (key == "fold") options.fold = value.get<int>();
            if (key == "csv") options.csv = value.get<std::string>();
            if (key == "allow_missing") options.allow_missing = value.get<bool>();
            if (key == "seed") options.seed = value.get<std::uint64_t>();
        } catch (const json::exception&) {
            fail(ErrorCode::corrupt, "{}: the value of \"{}\" in its split has the wrong type.", where, key);
        }
    }
    return options;
}

}  // namespace earmark
