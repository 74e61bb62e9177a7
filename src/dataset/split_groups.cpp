#include "dataset/split_groups.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/random.hpp"
#include "dataset/copies.hpp"
#include "dataset/labels/stratify.hpp"
#include "dataset/split_list.hpp"

namespace earmark::dataset {

namespace {

/// The indices of the labels in the order of their names.
std::vector<std::size_t> labels_by_name(const FeatureStore& store) {
    std::vector<std::size_t> by_name(store.labels.size());
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::ranges::sort(by_name, {}, [&](std::size_t label) { return store.labels[label]; });
    return by_name;
}

/// Deals groups to places, of which each is to hold its share of every genre (`shares` sum to 1): each group goes to
/// where its genres then stand lowest above, or deepest below, what they should be. Returns the place of each group.
/// Genres are summed in the order of their names, so that rounding, and with it a tie, falls alike in all stores.
std::vector<std::size_t> deal(const FeatureStore& store, const std::vector<std::vector<const StoredTrack*>>& groups,
                              const std::vector<double>& shares) {
    const std::size_t genres = store.labels.size();
    const std::vector<std::size_t> by_name = labels_by_name(store);
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

/// Deals groups to places so that labels, of which a track may have several, are spread evenly.
std::vector<std::size_t> deal_labels(const FeatureStore& store,
                                     const std::vector<std::vector<const StoredTrack*>>& groups,
                                     const std::vector<double>& shares, std::uint64_t seed) {
    const std::vector<std::size_t> by_name = labels_by_name(store);
    std::vector<std::vector<std::int64_t>> counts;
    for (const auto& group : groups) {
        std::vector<std::int64_t>& own = counts.emplace_back();
        for (const std::size_t label : by_name) {
            own.push_back(std::ranges::count_if(group, [&](const auto* each) { return store.holds(*each, label); }));
        }
        own.push_back(std::ssize(group));
    }
    base::Random random(seed, "labels");
    return stratify(counts, shares, random);
}

}  // namespace

std::vector<std::int64_t> leaders_of(const FeatureStore& store, bool whole_recordings, Among among) {
    std::vector<std::int64_t> leaders(store.tracks.size());
    std::iota(leaders.begin(), leaders.end(), std::int64_t{0});
    if (!whole_recordings) return leaders;
    const std::vector<std::int64_t> recordings = recordings_of(store);
    std::unordered_map<std::int64_t, std::int64_t> first;
    const auto name = [&](std::int64_t track) { return store.tracks[static_cast<std::size_t>(track)].name; };
    for (const std::int64_t track : leaders) {
        if (among != nullptr && !among->contains(track)) continue;
        const auto [place, fresh] = first.emplace(recordings[static_cast<std::size_t>(track)], track);
        if (!fresh && name(track) < name(place->second)) place->second = track;
    }
    for (std::int64_t& leader : leaders) {
        if (among != nullptr && !among->contains(leader)) continue;
        leader = first.at(recordings[static_cast<std::size_t>(leader)]);
    }
    return leaders;
}

std::vector<std::vector<const StoredTrack*>> grouped(const FeatureStore& store, const SplitOptions& options,
                                                     Among among) {
    const auto artists = options.groups.empty() ? std::unordered_map<const StoredTrack*, std::string>()
                                                : read_artists(options.groups, store);
    const std::vector<std::int64_t> leaders = leaders_of(store, *options.whole_recordings, among);
    using Name = std::pair<bool, std::string>;
    const auto name_of = [&](const StoredTrack& track) {
        const auto artist = artists.find(&track);
        const bool known = artist != artists.end();
        return Name{known, known ? artist->second : track.name};
    };
    std::map<Name, Name> joined;  // to the group that it is part of
    const auto root = [&](Name name) {
        for (auto next = joined.find(name); next != joined.end(); next = joined.find(name)) name = next->second;
        return name;
    };
    const auto is_among = [&](std::size_t i) {
        return among == nullptr || among->contains(static_cast<std::int64_t>(i));
    };
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        if (!is_among(i)) continue;
        const auto [low, high] = std::minmax(
            {root(name_of(store.tracks[i])), root(name_of(store.tracks[static_cast<std::size_t>(leaders[i])]))});
        if (low != high) joined.emplace(high, low);
    }
    std::map<Name, std::vector<const StoredTrack*>> by_name;
    for (std::size_t i = 0; i < store.tracks.size(); ++i) {
        if (is_among(i)) by_name[root(name_of(store.tracks[i]))].push_back(&store.tracks[i]);
    }
    std::vector<std::vector<const StoredTrack*>> groups;
    for (auto& [name, tracks] : by_name) groups.push_back(std::move(tracks));
    base::Random random(options.seed, "artists");
    random.shuffle(std::span(groups));
    std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return groups;
}

bool in_groups(const FeatureStore& store, const SplitOptions& options) {
    return !options.groups.empty() || store.labelling.many;
}

std::vector<std::size_t> places_of(const FeatureStore& store,
                                   const std::vector<std::vector<const StoredTrack*>>& groups,
                                   const std::vector<double>& shares, std::uint64_t seed) {
    return store.labelling.many ? deal_labels(store, groups, shares, seed) : deal(store, groups, shares);
}

}  // namespace earmark::dataset
