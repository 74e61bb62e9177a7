#include "audio/content.hpp"

#include "audio/input/input_file.hpp"
#include "library/tags/track_content.hpp"
#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// What a scan reads of a file without decoding it: the same each time.
void run_content(Bytes bytes) {
    const ScratchFile file("fuzzed", bytes);
    audio::InputFile input(file.path());
    (void)audio::looks_like_audio(input);
    const audio::AudioContent content = audio::read_content(file.path());
    require(audio::read_content(file.path()).hash == content.hash, "a file has two hashes");
    require(library::read_track_content(file.path()).hash == content.hash, "its tags give a file another hash");
    (void)audio::hash_of_sound(file.path());
}

const Registration content_target("content", run_content);

}  // namespace

}  // namespace earmark::fuzz
