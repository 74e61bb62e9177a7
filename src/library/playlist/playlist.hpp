#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "library/index/tracks.hpp"
#include "library/playlist/similarity.hpp"

namespace earmark::library {

/// Which tracks a playlist takes, and how many.
struct PlaylistOptions {
    TrackQuery list = {};         ///< which it may take; `sort` and `limit` are not used
    std::int64_t limit = 0;       ///< tracks at the most; 0: any number
    std::int64_t per_artist = 0;  ///< tracks of one artist at the most, where the artist is known; 0: any number
    double most_seconds = 0.0;    ///< it ends before the track that would make it longer; 0: any length
    std::optional<std::uint64_t> shuffle = {};  ///< a seed: chance decides the order
};

struct PlaylistTrack {
    Track track;
    std::optional<double> similarity = {};  ///< to the seed_track that it is most like
};

/// A list of tracks to be played. No sound is in it twice, and no track whose file is not there; tracks of an artist do
/// not follow one another as long as there are others.
struct Playlist {
    std::vector<PlaylistTrack> tracks;
    double seconds = 0.0;
    std::int64_t missing = 0;       ///< tracks left out because their files are not there now
    std::int64_t incomparable = 0;  ///< tracks left out because another model, or an older Earmark, analyzed them
};

/// The tracks asked for: those that the model is sure enough of first, the most probable first. With `shuffle` chance
/// takes the place of probability. @throws Error as for_each_track
Playlist choose_tracks(Index& index, const PlaylistOptions& options);

/// The seed_tracks (at least one), and of the tracks asked for those most like them, the likest first. Each track is like
/// the seed_track that it is most like, and seed_tracks take turns, so that a close-knit kind of music does not crowd out
/// another. With `shuffle` chance orders what was chosen, after the seed_tracks.
/// @throws Error as for_each_track and SimilarityIndex
Playlist choose_similar_tracks(Index& index, const IndexedModel& model, const std::vector<Seed>& seed_tracks,
                               const PlaylistOptions& options);

}  // namespace earmark::library
