#pragma once

#include <memory>
#include <string_view>

#include "audio/input/input_file.hpp"

namespace earmark::audio {

/// What of a file is sound, where FFmpeg would take tags for it: tags behind the sound of kinds whose files end without
/// a mark (FLAC, Monkey's Audio, a cut MP3, …), and tags in front that it does not know. The file itself where there is
/// nothing of that kind.
/// @param container  FFmpeg's name of what the file is
std::shared_ptr<Input> sound_of(std::shared_ptr<InputFile> file, std::string_view container);

}  // namespace earmark::audio
