#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "library/index/tracks.hpp"
#include "library/playlist/similarity.hpp"

namespace earmark::library {

/// Which and how many tracks a playlist gets.
struct PlaylistOptions {
    TrackQuery list = {};                       ///< the candidates; `sort` and `limit` are not used
    std::int64_t limit = 0;                     ///< maximum number of tracks; 0: no limit
    std::int64_t per_artist = 0;                ///< maximum number of tracks of a known artist; 0: no limit
    double most_seconds = 0.0;                  ///< maximum length; 0: no limit
    std::optional<std::uint64_t> shuffle = {};  ///< seed of a random order
};

struct PlaylistTrack {
    Track track;
    std::optional<double> similarity = {};  ///< cosine with the most similar seed
};

/// A list of tracks. No audio is in it twice, and every file exists. Tracks of one artist are separated by others as far
/// as possible.
struct Playlist {
    std::vector<PlaylistTrack> tracks;
    double seconds = 0.0;
    std::int64_t missing = 0;       ///< tracks left out because their files do not exist now
    std::int64_t incomparable = 0;  ///< tracks left out because another model, or an older Earmark, analyzed them
};

/// The candidates: certain predictions first, the most probable first; where labels are asked for and no genre, the most
/// probable by the least probable of the labels. What is no music is none. With `shuffle` a random order replaces that of
/// probability. @throws Error as for_each_track
Playlist choose_tracks(Index& index, const PlaylistOptions& options);

/// The seeds (at least one), then the candidates that are most similar to them. A track belongs to its most similar seed,
/// and the seeds take turns, so that one dense kind of music does not displace the others. With `shuffle` the tracks after
/// the seeds are in a random order.
/// @throws Error as for_each_track and SimilarityIndex
Playlist choose_similar_tracks(Index& index, const IndexedModel& model, const std::vector<Seed>& seed_tracks,
                               const PlaylistOptions& options);

}  // namespace earmark::library
