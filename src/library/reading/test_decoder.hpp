#pragma once

#include "audio/input/input.hpp"

namespace earmark::library {

/// Does what the beginning of an input asks for: "earmark test decoder: crash" and so on. It is part of programs for
/// tests alone (EARMARK_TEST_DECODER), where it plays a decoder that a hostile file has taken over.
void misbehave(audio::Input& input);

}  // namespace earmark::library
