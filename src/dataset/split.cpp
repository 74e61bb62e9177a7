#include "dataset/split.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/random.hpp"
#include "base/throw.hpp"
#include "dataset/copies.hpp"
#include "dataset/split_groups.hpp"
#include "dataset/split_list.hpp"

namespace earmark::dataset {

std::vector<std::int64_t> Split::segments(Part part) const {
    std::vector<std::int64_t> result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == part) result.push_back(static_cast<std::int64_t>(i));
    }
    return result;
}

namespace {

/// The tracks of each genre by name, so that a split does not depend on their order in the store; the genres by name
/// too. Tracks that follow another are left out.
std::vector<std::vector<const StoredTrack*>> tracks_by_genre(const FeatureStore& store,
                                                             const std::vector<std::int64_t>& leaders) {
    std::vector<std::size_t> order(store.labels.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return store.labels[a] < store.labels[b]; });
    std::vector<std::size_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;

    std::vector<std::vector<const StoredTrack*>> genres(store.labels.size());
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        const StoredTrack& track = store.tracks[i];
        if (leaders[i] == static_cast<std::int64_t>(i))
            genres[place[static_cast<std::size_t>(track.label)]].push_back(&track);
    }
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
        base::fail(ErrorCode::bad_option,
                   "fractions {} for validation and {} for testing: give none below 0 that leave some {}", valid, test,
                   "for training.");
    }
}

void split_segments(const FeatureStore& store, Split& split) {
    check_fractions(split.options);
    for (const auto& tracks : tracks_by_genre(store, leaders_of(store, false, nullptr))) {
        if (tracks.empty()) continue;
        std::vector<std::size_t> segments;
        for (const StoredTrack* track : tracks) {
            for (std::int64_t i = 0; i < track->segments; ++i) {
                segments.push_back(static_cast<std::size_t>(track->first_segment + i));
            }
        }
        base::Random random(split.options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(segments));
        const Counts counts = part_counts(segments.size(), split.options);
        for (std::size_t i = 0; i < segments.size(); ++i) split.parts[segments[i]] = part_at(i, counts);
    }
}

/// The fold of each track, by its index in the store; -1 for tracks that are not `among`.
std::vector<int> folds_of(const FeatureStore& store, const SplitOptions& options, Among among) {
    const int least = options.kind == SplitKind::csv_folds ? 2 : 3;
    if (options.folds < least) {
        base::fail(ErrorCode::bad_option, "`folds` {}: give at least {}, one each for {}training.", options.folds,
                   least, least == 3 ? "testing, validation and " : "validation and ");
    }
    if (options.fold < 0 || options.fold >= options.folds) {
        base::fail(ErrorCode::bad_option, "`fold` {}: give one from 0 to {}.", options.fold, options.folds - 1);
    }
    const auto folds = static_cast<std::size_t>(options.folds);
    std::vector<int> result(store.tracks.size(), -1);
    const auto put = [&](const StoredTrack* track, std::size_t fold) {
        result[static_cast<std::size_t>(track - store.tracks.data())] = static_cast<int>(fold);
    };
    if (in_groups(store, options)) {
        const auto groups = grouped(store, options, among);
        const std::vector<double> shares(folds, 1.0 / static_cast<double>(folds));
        const auto places = places_of(store, groups, shares, options.seed);
        for (std::size_t i = 0; i < groups.size(); ++i) {
            for (const StoredTrack* track : groups[i]) put(track, places[i]);
        }
        return result;
    }
    const std::vector<std::int64_t> leaders = leaders_of(store, *options.whole_recordings, among);
    std::size_t dealt = 0;  // goes on from genre to genre, so that small genres do not all fill the first folds
    for (auto& tracks : tracks_by_genre(store, leaders)) {
        if (tracks.empty()) continue;
        base::Random random(options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(tracks));
        for (const StoredTrack* track : tracks) {
            if (among == nullptr || among->contains(track - store.tracks.data())) put(track, dealt++ % folds);
        }
    }
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = result[static_cast<std::size_t>(leaders[i])];
    return result;
}

void split_folds(const FeatureStore& store, Split& split) {
    const std::vector<int> folds = folds_of(store, split.options, nullptr);
    for (std::size_t i = 0; i < folds.size(); ++i) {
        const bool tested = folds[i] == split.options.fold;
        const bool judged = folds[i] == (split.options.fold + 1) % split.options.folds;
        assign(split.parts, store.tracks[i], tested ? Part::test : judged ? Part::valid : Part::train);
    }
}

void split_groups(const FeatureStore& store, Split& split) {
    check_fractions(split.options);
    const auto groups = grouped(store, split.options, nullptr);
    const double valid = split.options.valid_fraction;
    const double test = split.options.test_fraction;
    const auto places = places_of(store, groups, {1.0 - valid - test, valid, test}, split.options.seed);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Part part = std::array{Part::train, Part::valid, Part::test}[places[i]];
        for (const StoredTrack* track : groups[i]) assign(split.parts, *track, part);
    }
}

void split_tracks(const FeatureStore& store, Split& split) {
    if (in_groups(store, split.options)) return split_groups(store, split);
    check_fractions(split.options);
    const std::vector<std::int64_t> leaders = leaders_of(store, *split.options.whole_recordings, nullptr);
    std::vector<Part> parts(store.tracks.size());
    for (auto& tracks : tracks_by_genre(store, leaders)) {
        if (tracks.empty()) continue;
        base::Random random(split.options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(tracks));
        const Counts counts = part_counts(tracks.size(), split.options);
        for (std::size_t i = 0; i < tracks.size(); ++i) {
            parts[static_cast<std::size_t>(tracks[i] - store.tracks.data())] = part_at(i, counts);
        }
    }
    for (std::size_t i = 0; i < leaders.size(); ++i) {
        assign(split.parts, store.tracks[i], parts[static_cast<std::size_t>(leaders[i])]);
    }
}

/// Leaves copies without a side that a file has put on another one. @param one_side  whether validation is training
void keep_whole(const FeatureStore& store, Split& split, bool one_side) {
    const auto part_of = [&](const StoredTrack& track) {
        const Part part = track.segments > 0 ? split.parts[static_cast<std::size_t>(track.first_segment)] : Part::none;
        return one_side && part == Part::valid ? Part::train : part;
    };
    const std::vector<std::int64_t> recordings = recordings_of(store);
    std::vector<Part> sides(store.tracks.size(),
                            Part::none);  // of a recording: none, train, valid, test, in this order
    for (std::size_t i = 0; i < recordings.size(); ++i) {
        Part& side = sides[static_cast<std::size_t>(recordings[i])];
        side = std::max(side, part_of(store.tracks[i]));
    }
    std::vector<std::string> left_out;
    for (std::size_t i = 0; i < recordings.size(); ++i) {
        const StoredTrack& track = store.tracks[i];
        const Part part = part_of(track);
        if (part == Part::none || part == sides[static_cast<std::size_t>(recordings[i])]) continue;
        left_out.push_back(track.name);
        if (*split.options.whole_recordings) assign(split.parts, track, Part::none);
    }
    if (left_out.empty()) return;
    const std::string where = split.options.csv.string();
    if (*split.options.whole_recordings) {
        split.warnings.push_back(
            fmt::format("{}: {} of its tracks are copies of tracks of another part, and were left "
                        "out of training or validation: {}.",
                        where, left_out.size(), some_of(left_out)));
    } else {
        split.warnings.push_back(fmt::format("{}: {} of its tracks are copies of tracks of another part: {}.", where,
                                             left_out.size(), some_of(left_out)));
    }
}

void split_by_csv(const FeatureStore& store, Split& split) {
    if (split.options.csv.empty()) {
        base::fail(ErrorCode::bad_option, "a split of the kind {} needs a file: name it in `csv`.",
                   base::enum_name(split.options.kind));
    }
    SplitList list = read_split_list(split.options.csv, store, split.options.allow_missing);
    for (const auto& [track, part] : list.tracks) assign(split.parts, *track, part);
    std::ranges::move(list.warnings, std::back_inserter(split.warnings));
    keep_whole(store, split, split.options.kind == SplitKind::csv_folds || split.options.no_validation);
}

/// What a file says of testing; of the rest, one fold validates.
void split_csv_folds(const FeatureStore& store, Split& split) {
    split_by_csv(store, split);
    std::unordered_set<std::int64_t> among;
    for (const StoredTrack& track : store.tracks) {
        const Part part = split.parts[static_cast<std::size_t>(track.first_segment)];
        if (track.segments > 0 && (part == Part::train || part == Part::valid))
            among.insert(&track - store.tracks.data());
    }
    const std::vector<int> folds = folds_of(store, split.options, &among);
    for (std::size_t i = 0; i < folds.size(); ++i) {
        if (folds[i] < 0) continue;
        assign(split.parts, store.tracks[i], folds[i] == split.options.fold ? Part::valid : Part::train);
    }
}

std::string describe(const SplitOptions& options, bool many_labels) {
    const auto percent = [](double fraction) { return fmt::format("{:.4g} %", 100.0 * fraction); };
    const std::string file = options.csv.filename().string();
    const std::string artists = options.groups.empty() ? "" : "whole artists, ";
    const std::string_view by = many_labels ? "labels" : "genre";
    if (options.kind == SplitKind::csv) return fmt::format("as {} says", file);
    if (options.kind == SplitKind::csv_folds) {
        return fmt::format("tested as {} says; of the rest fold {} of {} for validation, {}stratified by {}, seed {}",
                           file, options.fold, options.folds, artists, by, options.seed);
    }
    if (options.kind == SplitKind::k_fold) {
        return fmt::format("fold {} of {} over tracks, {}stratified by {}, seed {}", options.fold, options.folds,
                           artists, by, options.seed);
    }
    return fmt::format(
        "random {}, {} for validation and {} for testing, {}{}seed {}",
        options.kind == SplitKind::random_tracks ? "tracks" : "segments (leaky)", percent(options.valid_fraction),
        percent(options.test_fraction), artists,
        many_labels && options.kind == SplitKind::random_segments ? "" : fmt::format("stratified by {}, ", by),
        options.seed);
}

}  // namespace

Split make_split(const FeatureStore& store, const SplitOptions& options) {
    Split split;
    split.options = options;
    split.options.whole_recordings =
        options.whole_recordings.value_or(true) && options.kind != SplitKind::random_segments && store.has_copies();
    if (!options.groups.empty() && (options.kind == SplitKind::csv || options.kind == SplitKind::random_segments)) {
        base::fail(ErrorCode::bad_option, "`groups` keeps artists whole, which a split of the kind {} cannot do.",
                   base::enum_name(options.kind));
    }
    split.parts.assign(static_cast<std::size_t>(store.segment_count()), Part::none);
    switch (options.kind) {
        case SplitKind::random_tracks:
            split_tracks(store, split);
            break;
        case SplitKind::random_segments:
            split_segments(store, split);
            split.leaky = true;
            break;
        case SplitKind::k_fold:
            split_folds(store, split);
            break;
        case SplitKind::csv:
            split_by_csv(store, split);
            break;
        case SplitKind::csv_folds:
            split_csv_folds(store, split);
            break;
    }
    if (!takes_file(options.kind)) {
        const auto lacks = [&](Part part, bool wanted) {
            return wanted && std::find(split.parts.begin(), split.parts.end(), part) == split.parts.end();
        };
        const bool folds = options.kind == SplitKind::k_fold;
        if (lacks(Part::train, true) || lacks(Part::test, folds || options.test_fraction > 0.0) ||
            lacks(Part::valid, folds || options.valid_fraction > 0.0)) {
            base::fail(ErrorCode::bad_data,
                       "{} tracks are too few for this split ({}): a part of it is empty. Add tracks.",
                       store.tracks.size(), base::enum_name(options.kind));
        }
    }
    if (options.no_validation) std::replace(split.parts.begin(), split.parts.end(), Part::valid, Part::train);
    split.description =
        describe(options, store.labelling.many) + (options.no_validation ? ", validation part trained on" : "");
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

}  // namespace earmark::dataset
