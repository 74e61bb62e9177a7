#include "dataset/track_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "base/throw.hpp"
#include "dataset/track_lookup.hpp"
#include "files/atomic_file.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

std::string utf8(const std::string& bytes) {
    std::string result;
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::size_t length = base::character_length(rest);
        if (length == 0) {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(rest.front()));
        } else {
            result += rest.substr(0, length);
        }
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

/// All files of a folder in the order in which folders and files lie in it, sorted by name.
files::Walk search(const fs::path& folder) {
    files::Walk found = files::walk({folder}, {.repeat_folders = true, .broken_links = true, .heed_nomedia = false});
    for (const files::FileFailure& failure : found.failures) {
        if (failure.path == folder) throw Error(failure.code, failure.message);
    }
    // Paths compare name by name, so a folder comes before a file whose name goes on from that of the folder.
    std::ranges::sort(found.files, {}, &files::FoundFile::path);
    return found;
}

/// Whether a folder is called as folders of genre folders are.
bool names_genre_folders(const std::string& name) {
    static constexpr std::array<std::string_view, 12> names{"data",  "dataset", "datasets", "audio",
                                                            "music", "tracks",  "archive",  "songs",
                                                            "wav",   "train",   "clips",    "gtzan"};
    const std::string word = plain_word(name);
    return word.find("genre") != std::string::npos || std::ranges::find(names, word) != names.end();
}

/// The names of the folders that are the first below `folder` on the way to the files, and whether some lie beside them.
struct Level {
    std::set<std::string> folders;
    bool has_files = false;
};

Level level_below(const files::Walk& walk, const fs::path& folder) {
    Level level;
    for (const files::FoundFile& file : walk.files) {
        const fs::path below = file.path.lexically_relative(folder);
        if (below.empty() || *below.begin() == "..") continue;
        if (below.has_parent_path()) {
            level.folders.insert(below.begin()->string());
        } else {
            level.has_files = true;
        }
    }
    return level;
}

/// The folder of the genre folders: `folder`, or one below it, where there is no doubt.
fs::path find_root(const files::Walk& walk, const fs::path& folder) {
    fs::path root = folder;
    for (;;) {
        const Level level = level_below(walk, root);
        if (level.folders.size() != 1 || level.has_files) break;
        const fs::path below = root / *level.folders.begin();
        const Level next = level_below(walk, below);
        if (next.folders.empty() || next.has_files || !names_genre_folders(below.filename().string())) break;
        root = below;
    }
    // A way down that ends at a single genre is no better than where it began.
    return level_below(walk, root).folders.size() < 2 ? folder : root;
}

/// "blues, jazz, rock", the first few.
std::string some_names(const std::set<std::string>& names) {
    constexpr std::size_t shown = 4;
    std::string text;
    std::size_t count = 0;
    for (const std::string& name : names) {
        if (count++ == shown) return text + " …";
        text += (text.empty() ? "" : ", ") + utf8(name);
    }
    return text;
}

/// Where the genre folders seem to be, when they are not where they should be; empty: nobody knows.
std::string advice_for(const files::Walk& walk, const fs::path& folder) {
    const Level level = level_below(walk, folder);
    if (level.folders.empty()) {
        const fs::path above = fs::path(folder / ".").lexically_normal().parent_path().parent_path();
        if (above.empty()) return "";
        return fmt::format(" If this is the folder of one genre, give the one above it, {}.", above.string());
    }
    const fs::path below = folder / *level.folders.begin();
    const Level next = level_below(walk, below);
    if (next.folders.size() < 2) return "";
    return fmt::format(" If the folders in it are the genres ({}), give {}.", some_names(next.folders), below.string());
}

}  // namespace

TrackFolder find_tracks(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) files::fail_to_open(folder, ENOENT);
    if (!fs::is_directory(folder, error)) {
        base::fail(ErrorCode::bad_data, "{}: is no folder. Give a feature store or a folder of genre folders.",
                   folder.string());
    }
    files::Walk walk = search(folder);
    TrackFolder found;
    found.root = find_root(walk, folder);
    found.failures = std::move(walk.failures);
    std::set<std::string> genres;
    for (const files::FoundFile& file : walk.files) {
        const fs::path below = file.path.lexically_relative(found.root);
        if (!below.has_parent_path()) {
            found.failures.push_back({file.path, ErrorCode::bad_data,
                                      fmt::format("{}: lies outside the genre folders. Move it into the folder of its "
                                                  "genre.",
                                                  file.path.string())});
            continue;
        }
        const fs::path within = below.lexically_relative(*below.begin());
        const std::string genre = utf8(below.begin()->string());
        found.tracks.push_back({file.path, utf8((within.parent_path() / within.stem()).string()), genre});
        genres.insert(genre);
    }
    std::ranges::sort(found.failures, {}, &files::FileFailure::path);
    if (found.tracks.empty()) {
        base::fail(ErrorCode::no_audio,
                   "{}: holds no audio in genre folders. Put the tracks of each genre into a folder named after it.{}",
                   folder.string(), advice_for(walk, folder));
    }
    if (genres.size() < 2) {
        base::fail(ErrorCode::bad_data,
                   "{}: has one genre, {}. Add a folder for each other genre that is to be told apart.{}",
                   folder.string(), *genres.begin(), advice_for(walk, folder));
    }
    std::unordered_map<std::string, int> uses;
    for (const TrackFile& track : found.tracks) ++uses[track.name];
    std::set<std::string> names;
    for (TrackFile& track : found.tracks) {
        if (uses[track.name] > 1) track.name = utf8(track.path.lexically_relative(found.root).string());
        if (!names.insert(track.name).second) {
            base::fail(ErrorCode::bad_data, "{}: another track is named \"{}\" too. Rename the file.",
                       track.path.string(), track.name);
        }
    }
    return found;
}

}  // namespace earmark::dataset
