#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "audio/input/input.hpp"

namespace earmark::library {

/// What a music file's tags say of it, as UTF-8. Lists are empty where a tag is missing.
struct Tags {
    std::string format;               ///< of the file, as people call it: "MP3", "FLAC", "Ogg Vorbis", "MP4", …
    std::vector<std::string> genres;  ///< in the order of the file, which WMA files do not keep
    /// All that the tags hold besides genres, pictures included, one line each, in a form that is good for comparing
    /// alone.
    std::vector<std::string> others;
};

/// Reads the tags of MP3, FLAC, Ogg (Vorbis, Opus, Speex, FLAC), MP4, WMA, WavPack, Monkey's Audio, Musepack, WAV and
/// AIFF files. The kind is known by the name, and by the content where the name does not tell.
/// @throws Error not_found, unreadable; unsupported when no tags can be kept in such a file; corrupt
Tags read_tags(const std::filesystem::path& file);
/// The same of an input, without opening anything. @throws Error unsupported
Tags read_tags(audio::Input& input);

/// Makes `genres` the genres of a file, whatever it had; no genres take them away. Where a file holds tags of several
/// kinds (an MP3 with ID3v1 and APE beside ID3v2), all that players may read are brought in line. ID3v2.3 stays so, but
/// where it holds what only ID3v2.4 knows; ID3v2.2 becomes ID3v2.4. A file without tags gets those of its format (MP3,
/// WAV, AIFF: ID3v2.4). The sound is not touched, but where the tags come first and grow, it moves within the file.
/// Writes into the file itself: to be called on a copy.
/// @throws Error as read_tags; cannot_write
void write_genres(const std::filesystem::path& file, std::span<const std::string> genres);

}  // namespace earmark::library
