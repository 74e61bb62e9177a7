#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/metadata.hpp"

namespace earmark::library {

/// What a file's tags say of its track, as UTF-8; empty where they say nothing.
struct TrackTags {
    /// The values of the genre tag in its order, with names for numbers. They may be parted further, and may say nothing
    /// of the music ("Unknown"): `genres_of_tag` sees to that.
    std::vector<std::string> genres;
    std::vector<std::string> moods;  ///< the values of the mood, in their order
    std::string artist;
    std::string album_artist;
    std::string title;
    std::string album;
    std::string year;   ///< the first four digits of a date, else as it stands
    std::string track;  ///< the number alone

    bool operator==(const TrackTags&) const = default;
};

/// Rises with each change of what is read of the same tags, so that an index knows what it has to read again.
inline constexpr int tag_reading = 2;

/// What the tags of a file say together. Of several kinds the one counts that players ask first: Vorbis comments, atoms
/// and ASF, then ID3v2 before APE (after it where APE is at home), then RIFF and AIFF chunks, then ID3v1. A field that
/// the first tag lacks is the next one's. Of streams that follow one another in an Ogg file, the first counts.
TrackTags track_tags(const metadata::Metadata& metadata);

/// Of a file whose tags another reader took for us: fields by FFmpeg's names ("album_artist").
TrackTags track_tags(const std::map<std::string, std::string>& fields);

/// The values of a list as one text of lines, as an index keeps them, and back.
std::string lines_of(const std::vector<std::string>& values);
std::vector<std::string> values_of(std::string_view lines);

}  // namespace earmark::library
