#include "evaluation/exposure.hpp"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "dataset/copies.hpp"

namespace earmark::evaluation {

using nlohmann::json;

void KnownTracks::add(std::string name, dataset::SoundSketch sound) {
    names.push_back(std::move(name));
    sounds.push_back(std::move(sound));
}

bool KnownTracks::all_have_sounds() const {
    return std::ranges::all_of(sounds, [](const auto& sound) { return sound.hash != 0; });
}

KnownTracks known_tracks(const dataset::FeatureStore& data, const std::vector<std::string>& names) {
    std::unordered_map<std::string_view, const dataset::StoredTrack*> tracks;
    for (const dataset::StoredTrack& track : data.tracks) tracks.emplace(track.name, &track);
    KnownTracks known;
    for (const std::string& name : names) {
        const auto found = tracks.find(name);
        if (found == tracks.end()) continue;
        const auto print = dataset::sound_print(data.track_values(*found->second), data.features, data.segments);
        known.add(name, dataset::sketch_of(print, dataset::stored_words));
    }
    return known;
}

std::string sounds_key(const std::string& key) {
    return key.substr(0, key.size() - 1) + "_sounds";
}

std::optional<KnownTracks> read_known_tracks(const json& training, const std::string& key, const std::string& where) {
    if (!training.contains(key)) return std::nullopt;
    KnownTracks known;
    known.names = training[key].get<std::vector<std::string>>();
    known.sounds.resize(known.names.size());
    const auto sounds = training.find(sounds_key(key));
    if (sounds == training.end()) return known;
    const auto texts = sounds->get<std::vector<std::string>>();
    if (texts.size() != known.names.size()) {
        base::fail(ErrorCode::corrupt, "{}: lists {} under \"{}\", but {} under \"{}\". Copy the file again.", where,
                   known.names.size(), key, texts.size(), sounds_key(key));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) known.sounds[i] = dataset::sound_sketch(texts[i], where);
    return known;
}

void write_known_tracks(json& training, const std::string& key, const KnownTracks& tracks) {
    training[key] = tracks.names;
    if (std::ranges::none_of(tracks.sounds, [](const auto& sound) { return sound.hash != 0; })) return;
    json sounds = json::array();
    for (const dataset::SoundSketch& sound : tracks.sounds) sounds.push_back(dataset::to_text(sound));
    training[sounds_key(key)] = std::move(sounds);
}

ExposureCheck::ExposureCheck(const dataset::FeatureStore& data, std::span<const int> tracks, bool same_data, int jobs)
    : data_(data), tracks_(tracks.begin(), tracks.end()), same_data_(same_data), jobs_(jobs) {
    std::ranges::sort(tracks_);
    const auto repeated = std::ranges::unique(tracks_);
    tracks_.erase(repeated.begin(), repeated.end());
}

SeenTracks ExposureCheck::count(const KnownTracks& known) const {
    std::unordered_set<std::string_view> names;          // that say which track it is
    std::unordered_set<std::string_view> guessed_names;  // that say it perhaps
    bool any_sound = false;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const bool has_sound = known.sounds[i].hash != 0;
        any_sound = any_sound || has_sound;
        if (same_data_) {
            names.insert(known.names[i]);
        } else if (!has_sound) {
            guessed_names.insert(known.names[i]);
        }
    }
    // A copy of a track that was learned from was learned from.
    const std::vector<std::int64_t> recordings = dataset::recordings_of(data_);
    std::unordered_set<std::int64_t> known_recordings;
    for (std::size_t i = 0; i < data_.tracks.size(); ++i) {
        if (names.contains(data_.tracks[i].name)) known_recordings.insert(recordings[i]);
    }
    std::atomic<std::int64_t> sure = 0;
    std::atomic<std::int64_t> guessed = 0;
    const auto look = [&](std::int64_t index) {
        const auto at = static_cast<std::size_t>(tracks_[static_cast<std::size_t>(index)]);
        const dataset::StoredTrack& track = data_.tracks[at];
        bool seen = known_recordings.contains(recordings[at]);
        if (!seen && any_sound && !(same_data_ && data_.copies_known)) {
            const auto print = dataset::sound_print(data_.track_values(track), data_.features, data_.segments);
            seen = std::ranges::any_of(known.sounds, [&](const dataset::SoundSketch& sound) {
                return dataset::compare(print, sound) != dataset::Likeness::different;
            });
        }
        if (seen) {
            ++sure;
        } else if (guessed_names.contains(track.name)) {
            ++guessed;
        }
    };
    base::parallel_for(std::ssize(tracks_), jobs_, look);
    return {sure, guessed};
}

}  // namespace earmark::evaluation
