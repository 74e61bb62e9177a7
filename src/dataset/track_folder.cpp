#include "dataset/track_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "base/throw.hpp"
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
    found.failures = std::move(walk.failures);
    std::set<std::string> genres;
    for (const files::FoundFile& file : walk.files) {
        const fs::path below = file.path.lexically_relative(folder);
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
                   "{}: holds no audio in genre folders. Put the tracks of each genre into a folder {}",
                   folder.string(), "named after it.");
    }
    if (genres.size() < 2) {
        base::fail(ErrorCode::bad_data,
                   "{}: has one genre, {}. Add a folder for each other genre that is to be told apart.",
                   folder.string(), *genres.begin());
    }
    std::unordered_map<std::string, int> uses;
    for (const TrackFile& track : found.tracks) ++uses[track.name];
    std::set<std::string> names;
    for (TrackFile& track : found.tracks) {
        if (uses[track.name] > 1) track.name = utf8(track.path.lexically_relative(folder).string());
        if (!names.insert(track.name).second) {
            base::fail(ErrorCode::bad_data, "{}: another track is named \"{}\" too. Rename the file.",
                       track.path.string(), track.name);
        }
    }
    return found;
}

}  // namespace earmark::dataset
