#pragma once

#include "audio/input/input.hpp"

namespace earmark::audio {

/// Whether Ogg ends in the middle of a page (RFC 3533): it was cut short. Ogg declares no length but in its last page, so
/// that nothing else tells.
bool ogg_breaks_off(Input& file);

}  // namespace earmark::audio
