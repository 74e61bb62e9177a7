#include "audio/ogg_tail.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace earmark::audio {

bool ogg_breaks_off(Input& file) {
    constexpr std::int64_t largest_page = 27 + 255 + 255 * 255;
    std::vector<std::uint8_t> tail(static_cast<std::size_t>(std::min(file.size(), largest_page)));
    if (file.read(file.size() - std::ssize(tail), tail) != std::ssize(tail)) return false;
    const std::string_view text(reinterpret_cast<const char*>(tail.data()), tail.size());
    const std::size_t page = text.rfind(std::string_view("OggS\0", 5));
    if (page == std::string_view::npos) return false;
    std::size_t end = page + 27;
    if (end > tail.size()) return true;
    const std::size_t segments = tail[page + 26];
    end += segments;
    for (std::size_t i = 0; i < segments && page + 27 + i < tail.size(); ++i) end += tail[page + 27 + i];
    return end > tail.size();
}

}  // namespace earmark::audio
