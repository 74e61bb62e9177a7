#include "dataset/track_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "files/file_names.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

/// Length of the UTF-8 sequence at the start of `text`; 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF && follows(1)) return 2;
    if (first >= 0xE0 && first <= 0xEF && follows(1) && follows(2)) {
        const bool overlong = first == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = first == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xF0 && first <= 0xF4 && follows(1) && follows(2) && follows(3)) {
        const bool overlong = first == 0xF0 && byte(1) < 0x90;
        const bool beyond = first == 0xF4 && byte(1) > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

std::string utf8(const std::string& bytes) {
    std::string result;
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::size_t length = utf8_length(rest);
        if (length == 0) {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(rest.front()));
        } else {
            result += rest.substr(0, length);
        }
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

bool hidden(const fs::path& path) {
    return path.filename().native().starts_with('.');
}

/// The entries of a folder, sorted by name, without the hidden ones.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) {
        if (!hidden(at->path())) entries.push_back(*at);
    }
    if (error) files::fail_to_open(folder, error.value());
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.path().filename().native() < b.path().filename().native(); });
    return entries;
}

/// A file, or a link that leads nowhere, which is to be reported like a file that cannot be read.
bool file_like(const fs::directory_entry& entry) {
    std::error_code error;
    return entry.is_regular_file(error) || (entry.is_symlink(error) && !entry.exists(error));
}

/// Appends the files under `folder`, to any depth. `open` holds the folders on the way down, so that a link to one of
/// them is not followed round and round.
void search(const fs::path& folder, std::set<fs::path>& open, std::vector<fs::path>& files,
            std::vector<files::FileFailure>& failures) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (!error && !open.insert(real).second) return;
    std::vector<fs::directory_entry> entries;
    try {
        entries = entries_of(folder);
    } catch (const Error& failure) {
        failures.push_back({folder, failure.code(), failure.what()});
    }
    for (const fs::directory_entry& entry : entries) {
        if (entry.is_directory(error)) {
            search(entry.path(), open, files, failures);
        } else if (file_like(entry) && !files::has_non_audio_extension(entry.path())) {
            files.push_back(entry.path());
        }
    }
    open.erase(real);
}

}  // namespace

TrackFolder find_tracks(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) files::fail_to_open(folder, ENOENT);
    if (!fs::is_directory(folder, error)) {
        base::fail(ErrorCode::bad_data, "{}: is no folder. Give a feature store or a folder of genre folders.",
                   folder.string());
    }
    TrackFolder found;
    std::set<std::string> genres;
    for (const fs::directory_entry& entry : entries_of(folder)) {
        if (!entry.is_directory(error)) {
            if (!file_like(entry) || files::has_non_audio_extension(entry.path())) continue;
            found.failures.push_back({entry.path(), ErrorCode::bad_data,
                                      fmt::format("{}: lies outside the genre folders. Move it into the folder of its "
                                                  "genre.",
                                                  entry.path().string())});
            continue;
        }
        const std::string genre = utf8(entry.path().filename().string());
        std::set<fs::path> open;
        std::vector<fs::path> files;
        search(entry.path(), open, files, found.failures);
        for (const fs::path& file : files) {
            const fs::path within = file.lexically_relative(entry.path());
            found.tracks.push_back({file, utf8((within.parent_path() / within.stem()).string()), genre});
        }
        if (!files.empty()) genres.insert(genre);
    }
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
