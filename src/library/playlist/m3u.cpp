#include "library/playlist/m3u.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

/// A path that no player takes for a comment or for blanks around one.
std::string plain(const fs::path& path) {
    const std::string& text = path.native();
    const bool odd = text.starts_with('#') || text.starts_with(' ') || text.starts_with('\t');
    return odd ? "./" + text : text;
}

std::string shown(const Song& song) {
    const std::string title = song.title.empty() ? song.path.stem().string() : song.title;
    return printable(song.artist.empty() ? title : song.artist + " - " + title);
}

}  // namespace

M3u m3u_of(const Playlist& playlist, const std::string& name, const std::optional<fs::path>& folder) {
    M3u m3u;
    m3u.text = "#EXTM3U\n";
    if (!name.empty()) m3u.text += fmt::format("#PLAYLIST:{}\n", printable(name));
    for (const PlaylistSong& entry : playlist.songs) {
        const Song& song = entry.song;
        const fs::path path = folder ? song.path.lexically_relative(*folder) : song.path;
        if (path.native().find_first_of("\r\n") != std::string::npos) {
            m3u.left_out.push_back(song.path);
            continue;
        }
        m3u.text += fmt::format("#EXTINF:{},{}\n{}\n", std::llround(song.duration_seconds), shown(song), plain(path));
    }
    return m3u;
}

}  // namespace earmark
