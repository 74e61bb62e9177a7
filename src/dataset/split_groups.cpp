#include "dataset/split_groups.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/random.hpp"
#include "dataset/copies.hpp"
#include "dataset/split_list.hpp"

namespace earmark::dataset {

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

/// Tracks that stay together, in the order in which they are dealt: the larger before the smaller, by chance among
/// those of equal size. Artists of whom one has a copy of the other's track count as one.
std::vector<std::vector<const StoredTrack*>> grouped(const FeatureStore& store, const SplitOptions& options,
                                                     Among among) {
    const auto artists = read_artists(options.groups, store);
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

}  // namespace earmark::dataset
