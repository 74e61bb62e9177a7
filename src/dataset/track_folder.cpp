#include "dataset/track_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "base/throw.hpp"
#include "dataset/split_list.hpp"
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

/// Names tracks with their extension where others are called the same without it.
void make_unique(TrackFolder& found) {
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
}

/// Finds the files that a list means.
class FileLookup {
  public:
    explicit FileLookup(const std::vector<TrackFile>& files) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            const std::string key = track_key(files[i].name);
            whole_.emplace(key, i);
            std::string_view rest = key;
            for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
                rest.remove_prefix(slash + 1);
                const auto [place, fresh] = ends_.emplace(std::string(rest), i);
                if (!fresh) place->second = several;
            }
        }
    }

    std::optional<std::size_t> find(std::string_view name) const {
        const std::string key = track_key(name);
        for (std::string_view rest = key;;) {
            if (const auto found = whole_.find(std::string(rest)); found != whole_.end()) return found->second;
            if (const auto found = ends_.find(std::string(rest)); found != ends_.end()) {
                if (found->second == several) return std::nullopt;
                return found->second;
            }
            const std::size_t slash = rest.find('/');
            if (slash == std::string_view::npos) return std::nullopt;
            rest.remove_prefix(slash + 1);
        }
    }

  private:
    static constexpr std::size_t several = ~std::size_t{0};
    std::unordered_map<std::string, std::size_t> whole_;
    std::unordered_map<std::string, std::size_t> ends_;  // of paths, without their first folders
};

}  // namespace

TrackFolder find_labelled_tracks(const fs::path& folder, const fs::path& list, const LabelOptions& options) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        base::fail(ErrorCode::bad_data, "{}: is no folder. Give the one that the tracks of {} lie in.", folder.string(),
                   list.string());
    }
    LabelList labels = read_label_list(list, options);
    files::Walk walk = search(folder);
    TrackFolder all;
    all.root = folder;
    for (const files::FoundFile& file : walk.files) {
        const fs::path below = file.path.lexically_relative(folder);
        all.tracks.push_back({file.path, utf8((below.parent_path() / below.stem()).string()), ""});
    }
    make_unique(all);
    const FileLookup lookup(all.tracks);
    TrackFolder found;
    found.root = folder;
    found.failures = std::move(walk.failures);
    found.labels = labels.labels.labels;
    found.labelling = labels.labels.labelling;
    found.warnings = std::move(labels.labels.warnings);
    std::vector<std::string> missing;
    std::unordered_map<std::size_t, std::string> named;
    for (std::size_t i = 0; i < labels.tracks.size(); ++i) {
        const auto file = lookup.find(labels.tracks[i]);
        if (!file) {
            missing.push_back(labels.tracks[i]);
            continue;
        }
        const auto [other, fresh] = named.emplace(*file, labels.tracks[i]);
        if (!fresh) {
            base::fail(ErrorCode::bad_data, "{}: \"{}\" and \"{}\" are the same file, {}. Keep one of them.",
                       list.string(), other->second, labels.tracks[i], all.tracks[*file].path.string());
        }
        TrackFile& track = found.tracks.emplace_back(all.tracks[*file]);
        if (found.labelling.many) {
            track.holds = std::move(labels.labels.holds[i]);
        } else {
            track.genre = found.labels[static_cast<std::size_t>(labels.labels.label[i])];
        }
    }
    if (found.tracks.empty()) {
        base::fail(ErrorCode::bad_data,
                   "{}: names no file of {}, but {} and others. Give the folder that its tracks lie in.", list.string(),
                   folder.string(), missing.empty() ? "none" : missing.front());
    }
    if (!missing.empty()) {
        found.warnings.push_back(fmt::format("{}: {} of its tracks are no files of {}, and were passed over: {}.",
                                             list.string(), missing.size(), folder.string(), some_of(missing)));
    }
    if (const std::size_t others = all.tracks.size() - found.tracks.size(); others > 0) {
        found.warnings.push_back(fmt::format("{}: {} files have no row in {}, and were passed over.", folder.string(),
                                             others, list.string()));
    }
    std::ranges::sort(found.tracks, {}, &TrackFile::path);
    return found;
}

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
    make_unique(found);
    return found;
}

}  // namespace earmark::dataset
