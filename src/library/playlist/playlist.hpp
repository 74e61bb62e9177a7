#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "library/index/tracks.hpp"
#include "library/playlist/similarity.hpp"

namespace earmark {

/// Which songs a playlist takes, and how many.
struct PlaylistOptions {
    ListOptions list = {};        ///< which it may take; `sort` and `limit` are not used
    std::int64_t limit = 0;       ///< songs at the most; 0: any number
    std::int64_t per_artist = 0;  ///< songs of one artist at the most, where the artist is known; 0: any number
    double most_seconds = 0.0;    ///< it ends before the song that would make it longer; 0: any length
    std::optional<std::uint64_t> shuffle = {};  ///< a seed: chance decides the order
};

struct PlaylistSong {
    Song song;
    std::optional<double> similarity = {};  ///< to the exemplar that it is most like
};

/// A list of songs to be played. No sound is in it twice, and no song whose file is not there; songs of an artist do
/// not follow one another as long as there are others.
struct Playlist {
    std::vector<PlaylistSong> songs;
    double seconds = 0.0;
    std::int64_t missing = 0;       ///< songs left out because their files are not there now
    std::int64_t incomparable = 0;  ///< songs left out because another model, or an older Earmark, heard them
};

/// The songs asked for: those that the model is sure enough of first, the most probable first. With `shuffle` chance
/// takes the place of probability. @throws Error as each_song
Playlist choose_songs(Index& index, const PlaylistOptions& options);

/// The exemplars (at least one), and of the songs asked for those most like them, the likest first. Each song is like
/// the exemplar that it is most like, and exemplars take turns, so that a close-knit kind of music does not crowd out
/// another. With `shuffle` chance orders what was chosen, after the exemplars.
/// @throws Error as each_song and Likeness
Playlist choose_songs_like(Index& index, const IndexedModel& model, const std::vector<Exemplar>& exemplars,
                           const PlaylistOptions& options);

}  // namespace earmark
