#include "library/playlist/playlist.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

#include "base/random.hpp"
#include "library/index/casefold.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// Adds tracks until the playlist is full.
class Assembly {
  public:
    explicit Assembly(const PlaylistOptions& options) : options_(options) {}

    std::size_t size() const { return list_.tracks.size(); }

    bool full() const { return ended_ || (options_.limit > 0 && std::ssize(list_.tracks) == options_.limit); }

    void offer(PlaylistTrack&& offered) {
        const Track& track = offered.track;
        if (full() || (track.content && sounds_.contains(*track.content))) return;
        std::int64_t& of_artist = by_artist_[casefold(track.artist)];
        if (options_.per_artist > 0 && !track.artist.empty() && of_artist == options_.per_artist) return;
        std::error_code error;
        if (!fs::exists(track.path, error)) {
            ++list_.missing;
            return;
        }
        if (options_.most_seconds > 0.0) {
            if (track.duration_seconds > options_.most_seconds) return;  // it would not fit into an empty list
            ended_ = list_.seconds + track.duration_seconds > options_.most_seconds;
            if (ended_) return;
        }
        ++of_artist;
        if (track.content) sounds_.insert(*track.content);
        list_.seconds += track.duration_seconds;
        list_.tracks.push_back(std::move(offered));
    }

    Playlist take() { return std::move(list_); }

  private:
    const PlaylistOptions& options_;
    Playlist list_;
    Digests sounds_;
    std::map<std::string, std::int64_t> by_artist_;
    bool ended_ = false;
};

/// Reorders tracks from `first` on, so that tracks of one artist are separated as far as possible.
void part_artists(std::vector<PlaylistTrack>& tracks, std::size_t first) {
    std::map<std::string, int> numbers;
    std::vector<int> artists;
    int unknown = 0;
    for (const PlaylistTrack& entry : tracks) {
        const std::string& artist = entry.track.artist;
        artists.push_back(artist.empty() ? --unknown : numbers.emplace(casefold(artist), numbers.size()).first->second);
    }
    std::vector<std::size_t> order(tracks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto artist = [&](std::size_t index) { return artists[index]; };
    for (std::size_t i = std::max<std::size_t>(first, 1); i < order.size(); ++i) {
        const auto next = order.begin() + static_cast<std::ptrdiff_t>(i);
        const int last = artist(order[i - 1]);
        const auto other = std::find_if(next, order.end(), [&](std::size_t index) { return artist(index) != last; });
        if (other == order.end()) break;
        std::rotate(next, other, other + 1);
    }
    std::vector<PlaylistTrack> parted;
    for (const std::size_t index : order) parted.push_back(std::move(tracks[index]));
    tracks = std::move(parted);
}

/// The most similar track of each group, then the second of each, and so on.
std::vector<PlaylistTrack> taking_turns(std::vector<std::vector<PlaylistTrack>>& groups) {
    std::size_t largest = 0;
    for (std::vector<PlaylistTrack>& group : groups) {
        std::ranges::stable_sort(group, std::greater<>(), &PlaylistTrack::similarity);
        largest = std::max(largest, group.size());
    }
    std::vector<PlaylistTrack> tracks;
    for (std::size_t rank = 0; rank < largest; ++rank) {
        for (std::vector<PlaylistTrack>& group : groups) {
            if (rank < group.size()) tracks.push_back(std::move(group[rank]));
        }
    }
    return tracks;
}

}  // namespace

Playlist choose_tracks(Index& index, const PlaylistOptions& options) {
    std::vector<PlaylistTrack> sure;
    std::vector<PlaylistTrack> unsure;
    TrackQuery list = options.list;
    list.sort = SortBy::probability;
    list.limit = 0;
    const bool by_labels = list.genres.empty() && !(list.labels.empty() && list.moods.empty());
    for_each_track(index, list, [&](Track&& track) {
        if (!track.model || !track.not_music.empty()) return;
        (track.uncertain && !by_labels ? unsure : sure).push_back({std::move(track)});
    });
    if (by_labels) {
        std::ranges::stable_sort(sure, std::greater<>(),
                                 [](const PlaylistTrack& each) { return each.track.label_probability; });
    }
    Assembly assembly(options);
    for (std::vector<PlaylistTrack>* tracks : {&sure, &unsure}) {
        if (options.shuffle) base::Random(*options.shuffle).shuffle(std::span(*tracks));
        for (PlaylistTrack& track : *tracks) assembly.offer(std::move(track));
    }
    Playlist playlist = assembly.take();
    part_artists(playlist.tracks, 0);
    return playlist;
}

Playlist choose_similar_tracks(Index& index, const IndexedModel& model, const std::vector<Seed>& seed_tracks,
                               const PlaylistOptions& options) {
    std::vector<std::vector<float>> embeddings;
    for (const Seed& seed_track : seed_tracks) embeddings.push_back(seed_track.embedding);
    const SimilarityIndex similarity_index(std::move(embeddings));
    const auto match = similarity_index.of_sounds(index, model.id);
    std::int64_t incomparable = 0;
    std::vector<std::vector<PlaylistTrack>> groups(seed_tracks.size());
    TrackQuery list = options.list;
    list.sort = SortBy::path;
    list.limit = 0;
    for_each_track(index, list, [&](Track&& track) {
        if (!track.not_music.empty()) return;
        const auto found = track.content ? match.find(*track.content) : match.end();
        if (found == match.end()) {
            ++incomparable;
        } else {
            groups[found->second.nearest].push_back({std::move(track), found->second.similarity});
        }
    });

    Assembly assembly(options);
    for (const Seed& seed_track : seed_tracks) {
        std::error_code error;
        if (!fs::exists(seed_track.track.path, error)) continue;  // missing, but known
        assembly.offer({seed_track.track, similarity_index.of(seed_track.embedding).similarity});
    }
    const std::size_t first = assembly.size();
    for (PlaylistTrack& track : taking_turns(groups)) assembly.offer(std::move(track));
    Playlist playlist = assembly.take();
    playlist.incomparable = incomparable;
    if (options.shuffle) base::Random(*options.shuffle).shuffle(std::span(playlist.tracks).subspan(first));
    part_artists(playlist.tracks, first);
    return playlist;
}

}  // namespace earmark::library
