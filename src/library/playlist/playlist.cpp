#include "library/playlist/playlist.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

#include "base/random.hpp"
#include "library/index/casefold.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

/// Takes songs one after the other as long as there is room.
class Assembly {
  public:
    explicit Assembly(const PlaylistOptions& options) : options_(options) {}

    std::size_t size() const { return list_.songs.size(); }

    bool full() const { return ended_ || (options_.limit > 0 && std::ssize(list_.songs) == options_.limit); }

    void offer(PlaylistSong&& offered) {
        const Song& song = offered.song;
        if (full() || (song.content && sounds_.contains(*song.content))) return;
        std::int64_t& of_artist = by_artist_[folded(song.artist)];
        if (options_.per_artist > 0 && !song.artist.empty() && of_artist == options_.per_artist) return;
        std::error_code error;
        if (!fs::exists(song.path, error)) {
            ++list_.missing;
            return;
        }
        if (options_.most_seconds > 0.0) {
            if (song.duration_seconds > options_.most_seconds) return;  // it would not fit into an empty list
            ended_ = list_.seconds + song.duration_seconds > options_.most_seconds;
            if (ended_) return;
        }
        ++of_artist;
        if (song.content) sounds_.insert(*song.content);
        list_.seconds += song.duration_seconds;
        list_.songs.push_back(std::move(offered));
    }

    Playlist take() { return std::move(list_); }

  private:
    const PlaylistOptions& options_;
    Playlist list_;
    Digests sounds_;
    std::map<std::string, std::int64_t> by_artist_;
    bool ended_ = false;
};

/// Brings songs forward, from `first` on, so that none follows one of the same artist as long as there are others.
void part_artists(std::vector<PlaylistSong>& songs, std::size_t first) {
    std::map<std::string, int> numbers;
    std::vector<int> artists;
    int unknown = 0;
    for (const PlaylistSong& entry : songs) {
        const std::string& artist = entry.song.artist;
        artists.push_back(artist.empty() ? --unknown : numbers.emplace(folded(artist), numbers.size()).first->second);
    }
    std::vector<std::size_t> order(songs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto artist = [&](std::size_t index) { return artists[index]; };
    for (std::size_t i = std::max<std::size_t>(first, 1); i < order.size(); ++i) {
        const auto next = order.begin() + static_cast<std::ptrdiff_t>(i);
        const int last = artist(order[i - 1]);
        const auto other = std::find_if(next, order.end(), [&](std::size_t index) { return artist(index) != last; });
        if (other == order.end()) break;
        std::rotate(next, other, other + 1);
    }
    std::vector<PlaylistSong> parted;
    for (const std::size_t index : order) parted.push_back(std::move(songs[index]));
    songs = std::move(parted);
}

/// Of each group the likest, then of each the second …
std::vector<PlaylistSong> taking_turns(std::vector<std::vector<PlaylistSong>>& groups) {
    std::size_t largest = 0;
    for (std::vector<PlaylistSong>& group : groups) {
        std::ranges::stable_sort(group, std::greater<>(), &PlaylistSong::similarity);
        largest = std::max(largest, group.size());
    }
    std::vector<PlaylistSong> songs;
    for (std::size_t rank = 0; rank < largest; ++rank) {
        for (std::vector<PlaylistSong>& group : groups) {
            if (rank < group.size()) songs.push_back(std::move(group[rank]));
        }
    }
    return songs;
}

}  // namespace

Playlist choose_songs(Index& index, const PlaylistOptions& options) {
    std::vector<PlaylistSong> sure;
    std::vector<PlaylistSong> unsure;
    ListOptions list = options.list;
    list.sort = SortBy::probability;
    list.limit = 0;
    each_song(index, list, [&](Song&& song) {
        if (!song.model) return;
        (song.uncertain ? unsure : sure).push_back({std::move(song)});
    });
    Assembly assembly(options);
    for (std::vector<PlaylistSong>* songs : {&sure, &unsure}) {
        if (options.shuffle) Random(*options.shuffle).shuffle(std::span(*songs));
        for (PlaylistSong& song : *songs) assembly.offer(std::move(song));
    }
    Playlist playlist = assembly.take();
    part_artists(playlist.songs, 0);
    return playlist;
}

Playlist choose_songs_like(Index& index, const IndexedModel& model, const std::vector<Exemplar>& exemplars,
                           const PlaylistOptions& options) {
    std::vector<std::vector<float>> embeddings;
    for (const Exemplar& exemplar : exemplars) embeddings.push_back(exemplar.embedding);
    const Likeness likeness(std::move(embeddings));
    const auto alike = likeness.of_sounds(index, model.id);
    std::int64_t incomparable = 0;
    std::vector<std::vector<PlaylistSong>> groups(exemplars.size());
    ListOptions list = options.list;
    list.sort = SortBy::path;
    list.limit = 0;
    each_song(index, list, [&](Song&& song) {
        const auto found = song.content ? alike.find(*song.content) : alike.end();
        if (found == alike.end() || !song.model || song.model->id != model.id) {
            ++incomparable;
        } else {
            groups[found->second.nearest].push_back({std::move(song), found->second.similarity});
        }
    });

    Assembly assembly(options);
    for (const Exemplar& exemplar : exemplars) {
        std::error_code error;
        if (!fs::exists(exemplar.song.path, error)) continue;  // gone, but known
        assembly.offer({exemplar.song, likeness.of(exemplar.embedding).similarity});
    }
    const std::size_t first = assembly.size();
    for (PlaylistSong& song : taking_turns(groups)) assembly.offer(std::move(song));
    Playlist playlist = assembly.take();
    playlist.incomparable = incomparable;
    if (options.shuffle) Random(*options.shuffle).shuffle(std::span(playlist.songs).subspan(first));
    part_artists(playlist.songs, first);
    return playlist;
}

}  // namespace earmark
