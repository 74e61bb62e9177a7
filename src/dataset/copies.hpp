#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/sound_print.hpp"

namespace earmark::dataset {

/// A track whose recording is in the data already.
struct Copy {
    std::int64_t track = 0;    ///< its index
    std::int64_t copy_of = 0;  ///< that of the first track that is the same recording
    bool equal = false;        ///< the same features bit by bit, as those of some other track of the recording
};

/// The same by name.
struct TrackCopy {
    std::string track;
    std::string copy_of;
    std::string genre;        ///< of the track
    std::string other_genre;  ///< of the one that it is a copy of
    bool equal = false;
};

/// Finds the tracks that are one recording, whatever they are called: each but the first of every recording, in order.
/// Compares each with each: 1000 clips of 30 s take some seconds.
/// @throws Error interrupted
std::vector<Copy> find_copies(std::span<const SoundPrint> prints, int jobs, const base::StopFlag* stop = nullptr);

/// @param names, genres  of each track
std::vector<TrackCopy> named_copies(std::span<const Copy> copies, std::span<const std::string> names,
                                    std::span<const std::string> genres);

/// The copies that a store names.
std::vector<TrackCopy> copies_in(const FeatureStore& store);

/// The first track of each track's recording, by index: its own index, but for copies.
std::vector<std::int64_t> recordings_of(const FeatureStore& store);

/// Writes `tracks.csv`: a row a track with its name, the hash of its sound, and the track of which it is a copy.
void write_sounds(const std::filesystem::path& path, std::span<const std::string> names,
                  std::span<const SoundPrint> prints, std::span<const Copy> copies);
/// Reads it, if there is one. @throws Error corrupt when it does not fit the tracks
void read_sounds(const std::filesystem::path& path, FeatureStore& store);

}  // namespace earmark::dataset
