#pragma once

#include <filesystem>

namespace earmark::files {

/// Whether the name of a file says that it is no audio.
bool has_non_audio_extension(const std::filesystem::path& path);

/// Whether the name of a file says that it is audio and nothing else: .mp3, but not .mp4, which may be a film.
bool has_audio_extension(const std::filesystem::path& path);

}  // namespace earmark::files
