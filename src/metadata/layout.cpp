#include "metadata/layout.hpp"

#include <algorithm>
#include <array>

namespace earmark::metadata {

namespace {

/// Whether tags may stand behind the sound: containers that say how long they are take none there.
bool ends_without_mark(Container container) {
    static constexpr std::array<Container, 12> others = {
        Container::ogg_vorbis, Container::ogg_opus, Container::ogg_speex, Container::ogg_flac,
        Container::ogg_other,  Container::mp4,      Container::wave,      Container::aiff,
        Container::asf,        Container::matroska, Container::caf,       Container::rf64};
    return std::ranges::find(others, container) == others.end();
}

}  // namespace

Layout parse_layout(const ByteSource& source) {
    Layout layout;
    layout.id3v2 = parse_id3v2_tags(source, 0, source.size());
    if (!layout.id3v2.empty()) layout.begin = layout.id3v2.back().end;
    layout.front_ape = parse_ape_at(source, layout.begin, source.size());
    if (layout.front_ape) layout.begin = layout.front_ape->end;
    layout.container = container_at(source, layout.begin);
    layout.end = source.size();
    if (ends_without_mark(layout.container)) {
        layout.trailing = parse_trailing(source, layout.begin);
        layout.end = layout.trailing.begin;
    }
    return layout;
}

}  // namespace earmark::metadata
