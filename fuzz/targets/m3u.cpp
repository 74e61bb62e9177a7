#include "library/playlist/m3u.hpp"

#include <algorithm>

#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// A playlist of tracks with odd names: the file has two lines for each, and the second one leads to the track.
void run_m3u(Bytes bytes) {
    const bool relative = take_byte(bytes) % 2 == 1;
    const std::string name = take_text(bytes);
    library::Playlist playlist;
    while (!bytes.empty()) {
        library::Track& track = playlist.tracks.emplace_back().track;
        track.path = "/music/" + take_text(bytes);
        track.artist = take_text(bytes);
        track.title = take_text(bytes);
        track.duration_seconds = take_byte(bytes);
    }
    const std::filesystem::path folder = "/music";
    const library::M3u m3u = library::make_m3u(playlist, name, relative ? std::optional(folder) : std::nullopt);
    const auto lines = static_cast<std::size_t>(std::ranges::count(m3u.text, '\n'));
    const std::size_t kept = playlist.tracks.size() - m3u.left_out.size();
    require(lines == 1 + (name.empty() ? 0U : 1U) + 2 * kept, "a name broke a line");
    require(m3u.text.find('\r') == std::string::npos, "a name brought a line break along");
    std::string_view rest = m3u.text;
    for (std::size_t line = 0; line < lines; ++line) {
        const std::size_t end = rest.find('\n');
        const bool comment = line < lines - 2 * kept || (lines - line) % 2 == 0;
        require(rest.starts_with('#') == comment, "a path is taken for a comment, or the other way round");
        rest.remove_prefix(end + 1);
    }
}

const Registration m3u_target("m3u", run_m3u);

}  // namespace

}  // namespace earmark::fuzz
