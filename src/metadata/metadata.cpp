#include "metadata/metadata.hpp"

#include <fmt/format.h>

#include "metadata/formats/asf.hpp"
#include "metadata/formats/flac.hpp"
#include "metadata/formats/mp4.hpp"
#include "metadata/formats/ogg.hpp"
#include "metadata/formats/riff.hpp"
#include "metadata/layout.hpp"

namespace earmark::metadata {

const char* name_of(Field field) {
    return field == Field::mood ? "mood" : "genre";
}

Metadata read_metadata(const ByteSource& source) {
    const Layout layout = parse_layout(source);
    Metadata metadata;
    metadata.container = layout.container;
    metadata.audio_begin = layout.begin;
    metadata.audio_end = layout.end;
    Collector collector(source, metadata);
    int number = 0;
    for (const Id3v2Tag& tag : layout.id3v2) {
        collect_id3v2(collector, tag, fmt::format("{} tag {}", name_of(tag), ++number));
    }
    if (number > 1) collector.add_oddity("has more than one ID3v2 tag in front.");
    if (layout.front_ape) collect_ape(collector, *layout.front_ape, "APE tag in front");
    switch (layout.container) {
        case Container::flac:
            collect_flac(collector, parse_flac(source, layout.begin));
            break;
        case Container::ogg_vorbis:
        case Container::ogg_opus:
        case Container::ogg_speex:
        case Container::ogg_flac:
        case Container::ogg_other:
            collect_ogg(collector, parse_ogg(source, layout.begin, false));
            break;
        case Container::mp4:
            collect_mp4(collector, parse_mp4(source, layout.begin));
            break;
        case Container::wave:
        case Container::aiff:
            collect_chunks(collector, parse_chunks(source, layout.begin, layout.container == Container::aiff));
            break;
        case Container::asf:
            collect_asf(collector, parse_asf(source, layout.begin));
            break;
        default:
            break;
    }
    collect_trailing(collector, layout.trailing);
    return metadata;
}

}  // namespace earmark::metadata
