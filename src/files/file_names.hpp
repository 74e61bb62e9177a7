#pragma once

#include <filesystem>

namespace earmark {

/// Whether the name of a file says that it is no audio.
bool plainly_no_audio(const std::filesystem::path& path);

/// Whether the name of a file says that it is audio and nothing else: .mp3, but not .mp4, which may be a film.
bool plainly_audio(const std::filesystem::path& path);

}  // namespace earmark
