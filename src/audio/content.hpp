#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "files/content_hash.hpp"

namespace earmark::audio {

/// What makes a file's sound known again, and what FFmpeg reads of its tags.
struct AudioContent {
    /// Of codec, sample rate, channels and the packets of the audio stream, undecoded: the same for a file that was
    /// renamed or was given other tags, in front or behind, or another picture.
    files::ContentHash::Digest hash{};
    /// Those that name a track, by FFmpeg's names ("album_artist"), as they stand in the file, which may be no UTF-8: for
    /// containers whose tags Earmark does not read itself.
    std::map<std::string, std::string> tags;
};

/// Reads a file through once, without decoding it.
/// @throws Error not_found, unreadable, no_audio, unsupported; changed when the file changed meanwhile
AudioContent read_content(const std::filesystem::path& path);

/// Of all that decides what is decoded of a file: the parameters of the codec with its set-up data (FLAC's STREAMINFO,
/// Vorbis' tables, …), and each packet with its times, its length and the samples that are to be skipped of it (what
/// Opus' pre-skip, edit lists and gapless tags come to). Files of the same hash are decoded to the same samples; tags
/// and pictures have no part in it. For comparing now, not for keeping: other versions of FFmpeg may tell other times.
/// @throws Error as read_content
files::ContentHash::Digest hash_of_sound(const std::filesystem::path& path);

/// Whether the beginning of a file looks like a container of sound, whatever its name: quickly, and wrong now and then,
/// so that the file still may turn out to hold none. False for what cannot be read.
bool looks_like_audio(const std::filesystem::path& path);

}  // namespace earmark::audio
