#include "dataset/split.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/random.hpp"
#include "base/throw.hpp"
#include "formats/csv.hpp"

namespace earmark::dataset {

using nlohmann::json;

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

bool takes_file(SplitKind kind) {
    return kind == SplitKind::csv || kind == SplitKind::csv_folds;
}

/// @throws Error corrupt, naming `where`
SplitKind kind_named(const std::string& name, const std::string& where) {
    const std::optional<SplitKind> kind = base::parse_enum<SplitKind>(name);
    if (!kind) {
        base::fail(ErrorCode::corrupt, "{}: its split is of the kind \"{}\", which is none of {}.", where, name,
                   fmt::join(base::enum_names<SplitKind>(), ", "));
    }
    return *kind;
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
    for (const auto& tracks : tracks_by_genre(store)) {
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

/// Who plays each track, by the track's name. Tracks without an artist are not in it.
std::unordered_map<std::string, std::string> read_groups(const FeatureStore& store, const std::filesystem::path& path) {
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t track_column = table.column("track");
    const std::size_t artist_column = table.column("artist");
    std::unordered_map<std::string, std::string> groups;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::string& track = table.rows[i][track_column];
        const std::string& artist = table.rows[i][artist_column];
        if (!artist.empty()) groups[track] = artist;
    }
    const auto named = [&](const StoredTrack& track) { return groups.contains(track.name); };
    if (std::none_of(store.tracks.begin(), store.tracks.end(), named)) {
        base::fail(ErrorCode::bad_data,
                   "{}: names the artist of no track of the data. Give the file that belongs to them.", table.where);
    }
    return groups;
}

/// Tracks that stay together, in the order in which they are dealt: the larger before the smaller, by chance among
/// those of equal size.
std::vector<std::vector<const StoredTrack*>> grouped(const FeatureStore& store, const SplitOptions& options,
                                                     const std::unordered_set<std::string>* among) {
    const auto artists = read_groups(store, options.groups);
    std::map<std::pair<bool, std::string>, std::vector<const StoredTrack*>> by_name;
    for (const StoredTrack& track : store.tracks) {
        if (among != nullptr && !among->contains(track.name)) continue;
        const auto artist = artists.find(track.name);
        const bool known = artist != artists.end();
        by_name[{known, known ? artist->second : track.name}].push_back(&track);
    }
    std::vector<std::vector<const StoredTrack*>> groups;
    for (auto& [name, tracks] : by_name) groups.push_back(std::move(tracks));
    base::Random random(options.seed, "artists");
    random.shuffle(std::span(groups));
    std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return groups;
}

/// Deals groups to places, of which each is to hold its share of every genre (`shares` sum to 1): each group goes to
/// where its genres then stand lowest above, or deepest below, what they should be. Returns the place of each group.
/// Genres are summed in the order of their names, so that rounding, and with it a tie, falls alike in all stores.
std::vector<std::size_t> deal(const FeatureStore& store, const std::vector<std::vector<const StoredTrack*>>& groups,
                              const std::vector<double>& shares) {
    const std::size_t genres = store.labels.size();
    std::vector<std::size_t> by_name(genres);
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::ranges::sort(by_name, {}, [&](std::size_t genre) { return store.labels[genre]; });
    std::vector<double> totals(genres);
    for (const auto& group : groups) {
        for (const StoredTrack* track : group) ++totals[static_cast<std::size_t>(track->label)];
    }
    std::vector<std::vector<double>> counts(shares.size(), std::vector<double>(genres));
    std::vector<std::size_t> places;
    for (const auto& group : groups) {
        std::vector<double> more(genres);
        for (const StoredTrack* track : group) ++more[static_cast<std::size_t>(track->label)];
        std::size_t best = 0;
        double best_fill = std::numeric_limits<double>::infinity();
        for (std::size_t place = 0; place < shares.size(); ++place) {
            if (shares[place] <= 0.0) continue;
            double fill = 0.0;
            for (const std::size_t g : by_name) {
                if (more[g] > 0.0) fill += more[g] * (counts[place][g] + more[g]) / (shares[place] * totals[g]);
            }
            if (fill < best_fill) {
                best = place;
                best_fill = fill;
            }
        }
        for (std::size_t g = 0; g < genres; ++g) counts[best][g] += more[g];
        places.push_back(best);
    }
    return places;
}

/// The fold of each track, by its index in the store; -1 for tracks that are not `among`.
std::vector<int> folds_of(const FeatureStore& store, const SplitOptions& options,
                          const std::unordered_set<std::string>* among) {
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
    if (!options.groups.empty()) {
        const auto groups = grouped(store, options, among);
        const auto places = deal(store, groups, std::vector<double>(folds, 1.0 / static_cast<double>(folds)));
        for (std::size_t i = 0; i < groups.size(); ++i) {
            for (const StoredTrack* track : groups[i]) put(track, places[i]);
        }
        return result;
    }
    std::size_t dealt = 0;  // goes on from genre to genre, so that small genres do not all fill the first folds
    for (auto& tracks : tracks_by_genre(store)) {
        if (tracks.empty()) continue;
        base::Random random(options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(tracks));
        for (const StoredTrack* track : tracks) {
            if (among == nullptr || among->contains(track->name)) put(track, dealt++ % folds);
        }
    }
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

void split_whole_artists(const FeatureStore& store, Split& split) {
    check_fractions(split.options);
    const auto groups = grouped(store, split.options, nullptr);
    const double valid = split.options.valid_fraction;
    const double test = split.options.test_fraction;
    const auto places = deal(store, groups, {1.0 - valid - test, valid, test});
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Part part = std::array{Part::train, Part::valid, Part::test}[places[i]];
        for (const StoredTrack* track : groups[i]) assign(split.parts, *track, part);
    }
}

void split_tracks(const FeatureStore& store, Split& split) {
    if (!split.options.groups.empty()) return split_whole_artists(store, split);
    check_fractions(split.options);
    for (auto& tracks : tracks_by_genre(store)) {
        if (tracks.empty()) continue;
        base::Random random(split.options.seed, store.labels[static_cast<std::size_t>(tracks.front()->label)]);
        random.shuffle(std::span(tracks));
        const Counts counts = part_counts(tracks.size(), split.options);
        for (std::size_t i = 0; i < tracks.size(); ++i) assign(split.parts, *tracks[i], part_at(i, counts));
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
        base::fail(ErrorCode::bad_option, "a split of the kind {} needs a file: name it in `csv`.",
                   base::enum_name(split.options.kind));
    }
    const formats::CsvTable table = formats::read_csv(split.options.csv);
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
        const std::optional<Part> part = base::parse_enum<Part>(row[part_column]);
        if (!part) {
            base::fail(ErrorCode::bad_data, "{}: line {}: part \"{}\" is none of train, valid and test.", table.where,
                       line, row[part_column]);
        }
        const auto [first, fresh] = lines.emplace(name, line);
        if (!fresh) {
            base::fail(ErrorCode::bad_data, "{}: line {} names track \"{}\" again, after line {}. Keep one of them.",
                       table.where, line, name, first->second);
        }
        const auto found = tracks.find(name);
        if (found == tracks.end()) {
            missing.push_back(name);
            continue;
        }
        const std::string& genre = store.labels[static_cast<std::size_t>(found->second->label)];
        if (genre != row[genre_column]) {
            base::fail(ErrorCode::bad_data,
                       "{}: line {} says that track \"{}\" is {}, the data say {}. Correct one of them.", table.where,
                       line, name, row[genre_column], genre);
        }
        assign(split.parts, *found->second, *part);
    }
    if (missing.empty()) return;
    if (missing.size() == table.rows.size()) {
        base::fail(ErrorCode::bad_data,
                   "{}: none of its tracks is in the data ({}). Give the split that belongs to them.", table.where,
                   some_of(missing));
    }
    if (!split.options.allow_missing) {
        base::fail(ErrorCode::bad_data,
                   "{}: names tracks that the data lack: {}. Correct it, or allow it with `allow_missing`.",
                   table.where, some_of(missing));
    }
    split.warnings.push_back(fmt::format("{}: {} of its tracks are not in the data and were passed over: {}.",
                                         table.where, missing.size(), some_of(missing)));
}

/// What a file says of testing; of the rest, one fold validates.
void split_csv_folds(const FeatureStore& store, Split& split) {
    split_by_csv(store, split);
    std::unordered_set<std::string> among;
    for (const StoredTrack& track : store.tracks) {
        const Part part = split.parts[static_cast<std::size_t>(track.first_segment)];
        if (track.segments > 0 && (part == Part::train || part == Part::valid)) among.insert(track.name);
    }
    const std::vector<int> folds = folds_of(store, split.options, &among);
    for (std::size_t i = 0; i < folds.size(); ++i) {
        if (folds[i] < 0) continue;
        assign(split.parts, store.tracks[i], folds[i] == split.options.fold ? Part::valid : Part::train);
    }
}

std::string describe(const SplitOptions& options) {
    const auto percent = [](double fraction) { return fmt::format("{:.4g} %", 100.0 * fraction); };
    const std::string file = options.csv.filename().string();
    const std::string artists = options.groups.empty() ? "" : "whole artists, ";
    if (options.kind == SplitKind::csv) return fmt::format("as {} says", file);
    if (options.kind == SplitKind::csv_folds) {
        return fmt::format(
            "tested as {} says; of the rest fold {} of {} for validation, {}stratified by genre, seed {}", file,
            options.fold, options.folds, artists, options.seed);
    }
    if (options.kind == SplitKind::k_fold) {
        return fmt::format("fold {} of {} over tracks, {}stratified by genre, seed {}", options.fold, options.folds,
                           artists, options.seed);
    }
    return fmt::format("random {}, {} for validation and {} for testing, {}stratified by genre, seed {}",
                       options.kind == SplitKind::random_tracks ? "tracks" : "segments (leaky)",
                       percent(options.valid_fraction), percent(options.test_fraction), artists, options.seed);
}

}  // namespace

Split make_split(const FeatureStore& store, const SplitOptions& options) {
    Split split;
    split.options = options;
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
    split.description = describe(options) + (options.no_validation ? ", validation part trained on" : "");
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
    json result = {{"kind", base::enum_name(options.kind)}};
    if (takes_file(options.kind)) {
        result["csv"] = options.csv.string();
        result["allow_missing"] = options.allow_missing;
    }
    if (options.no_validation) result["no_validation"] = true;
    if (options.kind == SplitKind::csv) return result;
    result["seed"] = options.seed;
    if (!options.groups.empty()) result["groups"] = options.groups.string();
    if (options.kind == SplitKind::k_fold || options.kind == SplitKind::csv_folds) {
        result["folds"] = options.folds;
        result["fold"] = options.fold;
    } else {
        result["valid_fraction"] = options.valid_fraction;
        result["test_fraction"] = options.test_fraction;
    }
    return result;
}

SplitOptions split_options(const json& object, const std::string& where) {
    if (!object.is_object()) base::fail(ErrorCode::corrupt, "{}: its split is no JSON object.", where);
    SplitOptions options;
    for (const auto& [key, value] : object.items()) {
        try {
            if (key == "kind") options.kind = kind_named(value.get<std::string>(), where);
            if (key == "valid_fraction") options.valid_fraction = value.get<double>();
            if (key == "test_fraction") options.test_fraction = value.get<double>();
            if (key == "folds") options.folds = value.get<int>();
            if (key == "fold") options.fold = value.get<int>();
            if (key == "csv") options.csv = value.get<std::string>();
            if (key == "groups") options.groups = value.get<std::string>();
            if (key == "no_validation") options.no_validation = value.get<bool>();
            if (key == "allow_missing") options.allow_missing = value.get<bool>();
            if (key == "seed") options.seed = value.get<std::uint64_t>();
        } catch (const json::exception&) {
            base::fail(ErrorCode::corrupt, "{}: the value of \"{}\" in its split has the wrong type.", where, key);
        }
    }
    return options;
}

}  // namespace earmark::dataset
