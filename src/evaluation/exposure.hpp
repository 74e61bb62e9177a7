#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataset/feature_store.hpp"
#include "dataset/sound_print.hpp"

namespace earmark::evaluation {

/// Tracks that a model has to do with: their names, and what tells their sound.
struct KnownTracks {
    std::vector<std::string> names;
    std::vector<dataset::SoundSketch> sounds;  ///< one each; without a hash where the model keeps the name alone

    void add(std::string name, dataset::SoundSketch sound = {});
    bool empty() const noexcept { return names.empty(); }
    std::size_t size() const noexcept { return names.size(); }
    /// Whether the sound of each is known.
    bool all_have_sounds() const;
};

/// Tracks of the data, by name, with their sounds. Names that the data lack are left out.
KnownTracks known_tracks(const dataset::FeatureStore& data, const std::vector<std::string>& names);

/// The tracks that a "training" object of a provenance lists under `key` ("tracks"), with the sounds that it lists beside
/// them ("track_sounds"); none when there is no such list.
/// @throws Error corrupt, naming `where`; nlohmann's exceptions for wrong types
std::optional<KnownTracks> read_known_tracks(const nlohmann::json& training, const std::string& key,
                                             const std::string& where);
/// Sets both lists, the second when a sound is known.
void write_known_tracks(nlohmann::json& training, const std::string& key, const KnownTracks& tracks);
/// The key of the sounds: "track_sounds" for "tracks".
std::string sounds_key(const std::string& key);

/// How many of some tracks are among those that a model knows.
struct SeenTracks {
    std::int64_t known = 0;    ///< by their sound, or by name where the data are those of the training
    std::int64_t guessed = 0;  ///< others that have the name of a track of which the model keeps the name alone

    std::int64_t all() const noexcept { return known + guessed; }
};

/// Tells which tracks of a data set a model knows.
class ExposureCheck {
  public:
    /// @param data       must outlive this
    /// @param tracks     of the data, by index; may be named again and again
    /// @param same_data  whether the model was trained on these very data, so that names are certain
    ExposureCheck(const dataset::FeatureStore& data, std::span<const int> tracks, bool same_data, int jobs = 0);

    SeenTracks count(const KnownTracks& known) const;
    /// Whether what `count` says of these is but a guess.
    bool guesses(const KnownTracks& known) const { return !same_data_ && !known.all_have_sounds(); }

  private:
    const dataset::FeatureStore& data_;
    std::vector<int> tracks_;
    bool same_data_;
    int jobs_;
};

}  // namespace earmark::evaluation
