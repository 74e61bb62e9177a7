#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "files/content_hash.hpp"
#include "library/index/index.hpp"

namespace earmark::testing {

/// A track as a made-up index has it.
struct FakeTrack {
    std::filesystem::path path = {};
    std::string genre = "jazz";
    double probability = 0.9;  ///< at least 0.3
    bool uncertain = false;
    std::string tag = {};   ///< its values are lines
    std::string mood = {};  ///< the same
    std::string artist = {};
    std::string title = {};
    std::string album = {};
    std::string album_artist = {};
    std::vector<float> probabilities = {};  ///< of blues, jazz, metal and rock; empty: by genre and probability
    std::vector<float> embedding = {1.0F, 0.0F};
    double seconds = 200.0;
    std::string sound = {};  ///< what makes the content the same as another's; empty: the path
};

/// An index of tracks that nobody has analyzed, by a model that knows blues, jazz, metal and rock.
class FakeIndex {
  public:
    explicit FakeIndex(const std::filesystem::path& path) : index(path, library::Database::Mode::create) {
        model = add_model("made up");
    }

    std::int64_t add_model(const std::string& name) {
        Model fake;
        fake.name = name;
        fake.labels = labels;
        return index.add_model("fingerprint of " + name, fake);
    }

    /// A model of many labels: happy and sad, of the group mood, "Rock music" and piano. They hold from 0.5, with
    /// precision from 0.7.
    std::int64_t add_tagger(const std::string& name) {
        Model fake;
        fake.name = name;
        fake.labels = {"happy", "sad", "Rock music", "piano"};
        fake.activation = Activation::sigmoid;
        for (const LabelGroup group : {LabelGroup::mood, LabelGroup::mood, LabelGroup::genre, LabelGroup::instrument}) {
            fake.label_details.push_back({group, 0.5, 0.7});
        }
        return index.add_model("fingerprint of " + name, fake);
    }

    /// What such a model says of a track that the index has.
    void add_labels(const std::filesystem::path& path, std::int64_t by, std::vector<float> probabilities,
                    std::optional<std::string> not_music = {}) {
        const std::optional<library::IndexedFile> known = index.find(path);
        library::ScannedFile file;
        file.path = path;
        file.stamp = known->stamp;
        file.content = known->content;
        library::ModelPrediction& by_model = file.predictions.emplace_back();
        by_model.model = by;
        by_model.prediction.duration_seconds = 200.0;
        by_model.prediction.probabilities = std::move(probabilities);
        by_model.prediction.not_music = std::move(not_music);
        by_model.prediction.embedding = {0.6F, 0.8F, 0.0F};
        index.record(file, known->model);
    }

    static library::TrackContent content_of(const testing::FakeTrack& track) {
        files::ContentHash hash;
        hash.add(track.sound.empty() ? track.path.native() : track.sound);
        return {hash.digest(),
                {.genres = library::values_of(track.tag),
                 .moods = library::values_of(track.mood),
                 .artist = track.artist,
                 .album_artist = track.album_artist,
                 .title = track.title,
                 .album = track.album,
                 .year = "",
                 .track = ""}};
    }

    void add(const testing::FakeTrack& track) { add(track, model); }

    void add(const testing::FakeTrack& track, std::int64_t by) {
        library::ScannedFile file;
        file.path = track.path;
        file.content = content_of(track);
        library::ModelPrediction& by_model = file.predictions.emplace_back();
        by_model.model = by;
        Prediction& prediction = by_model.prediction;
        prediction.duration_seconds = track.seconds;
        prediction.uncertain = track.uncertain;
        prediction.embedding = track.embedding;
        const auto others = static_cast<float>((1.0 - track.probability) / static_cast<double>(labels.size() - 1));
        prediction.probabilities = track.probabilities;
        for (const std::string& label : track.probabilities.empty() ? labels : std::vector<std::string>()) {
            prediction.probabilities.push_back(label == track.genre ? static_cast<float>(track.probability) : others);
        }
        prediction.segments = {{0.0, track.seconds, prediction.probabilities}};
        std::error_code error;
        if (std::filesystem::exists(track.path, error)) file.stamp = files::read_stamp(track.path);
        index.record(file, by);
    }

    /// The same, with an empty file at the track's path.
    void add_with_file(const testing::FakeTrack& track) {
        std::filesystem::create_directories(track.path.parent_path());
        std::ofstream(track.path).flush();
        add(track);
    }

    void add_failed(const std::filesystem::path& path) {
        library::ScannedFile file;
        file.path = path;
        file.state = library::FileState::failed;
        file.error = Error(ErrorCode::corrupt, path.string() + ": is broken.");
        index.record(file, model);
    }

    library::Index index;
    std::vector<std::string> labels = {"blues", "jazz", "metal", "rock"};
    std::int64_t model = 0;
};

}  // namespace earmark::testing
