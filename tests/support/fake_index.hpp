#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "files/content_hash.hpp"
#include "library/index/index.hpp"

namespace earmark::testing {

/// A song as a made-up index has it.
struct MadeUpSong {
    std::filesystem::path path = {};
    std::string genre = "jazz";
    double probability = 0.9;  ///< at least 0.3
    bool uncertain = false;
    std::string tag = {};
    std::string artist = {};
    std::string title = {};
    std::vector<float> embedding = {1.0F, 0.0F};
    double seconds = 200.0;
    std::string sound = {};  ///< what makes the content the same as another's; empty: the path
};

/// An index of songs that nobody has heard, by a model that knows blues, jazz, metal and rock.
class MadeUpIndex {
  public:
    explicit MadeUpIndex(const std::filesystem::path& path) : index(path, Database::Mode::create) {
        model = add_model("made up");
    }

    std::int64_t add_model(const std::string& name) {
        Model made_up;
        made_up.name = name;
        made_up.labels = labels;
        return index.add_model("fingerprint of " + name, made_up);
    }

    static AudioContent content_of(const MadeUpSong& song) {
        ContentHash hash;
        hash.add(song.sound.empty() ? song.path.native() : song.sound);
        return {hash.digest(), song.tag, song.artist, song.title};
    }

    void add(const MadeUpSong& song) { add(song, model); }

    void add(const MadeUpSong& song, std::int64_t by) {
        ScannedFile file;
        file.path = song.path;
        file.content = content_of(song);
        Verdict& verdict = file.verdict.emplace();
        verdict.duration_seconds = song.seconds;
        verdict.uncertain = song.uncertain;
        verdict.embedding = song.embedding;
        const auto others = static_cast<float>((1.0 - song.probability) / static_cast<double>(labels.size() - 1));
        for (const std::string& label : labels) {
            verdict.probabilities.push_back(label == song.genre ? static_cast<float>(song.probability) : others);
        }
        verdict.segments = {{0.0, song.seconds, verdict.probabilities}};
        std::error_code error;
        if (std::filesystem::exists(song.path, error)) file.stamp = stamp_of(song.path);
        index.record(file, by);
    }

    /// The same, with an empty file at the song's path.
    void add_with_file(const MadeUpSong& song) {
        std::filesystem::create_directories(song.path.parent_path());
        std::ofstream(song.path).flush();
        add(song);
    }

    void add_failed(const std::filesystem::path& path) {
        ScannedFile file;
        file.path = path;
        file.state = FileState::failed;
        file.error = Error(ErrorCode::corrupt, path.string() + ": is broken.");
        index.record(file, model);
    }

    Index index;
    std::vector<std::string> labels = {"blues", "jazz", "metal", "rock"};
    std::int64_t model = 0;
};

}  // namespace earmark::testing
