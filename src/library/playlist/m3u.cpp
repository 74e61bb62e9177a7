#include "library/playlist/m3u.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// A path in a form that no player takes for a comment, and that has no blanks at its ends.
std::string plain(const fs::path& path) {
    const std::string& text = path.native();
    const bool odd = text.starts_with('#') || text.starts_with(' ') || text.starts_with('\t');
    return odd ? "./" + text : text;
}

std::string shown(const Track& track) {
    const std::string title = track.title.empty() ? track.path.stem().string() : track.title;
    return base::printable(track.artist.empty() ? title : track.artist + " - " + title);
}

}  // namespace

M3u make_m3u(const Playlist& playlist, const std::string& name, const std::optional<fs::path>& folder) {
    M3u m3u;
    m3u.text = "#EXTM3U\n";
    if (!name.empty()) m3u.text += fmt::format("#PLAYLIST:{}\n", base::printable(name));
    for (const PlaylistTrack& entry : playlist.tracks) {
        const Track& track = entry.track;
        const fs::path path = folder ? track.path.lexically_relative(*folder) : track.path;
        if (path.native().find_first_of("\r\n") != std::string::npos) {
            m3u.left_out.push_back(track.path);
            continue;
        }
        m3u.text += fmt::format("#EXTINF:{},{}\n{}\n", std::llround(track.duration_seconds), shown(track), plain(path));
    }
    return m3u;
}

}  // namespace earmark::library
