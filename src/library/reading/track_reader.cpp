#include "library/reading/track_reader.hpp"

#include <fmt/ranges.h>

#include "audio/input/input_file.hpp"
#include "audio/sample_source.hpp"
#include "earmark/error.hpp"
#include "library/tags/tags.hpp"

namespace earmark::library {

namespace {

/// The genres of the tags that FFmpeg does not read (APE in an MP3, ID3 in a WAV): what players show of them must not
/// be taken for nothing.
std::string genre_elsewhere(audio::Input& input) {
    try {
        return fmt::format("{}", fmt::join(read_tags(input).genres, ";"));
    } catch (const Error&) {  // no tags can be kept in it, or they are damaged; its sound may be sound
        return {};
    }
}

}  // namespace

bool LocalTrack::looks_like_audio() {
    return audio::looks_like_audio(*input_);
}

audio::AudioContent LocalTrack::read_content() {
    audio::AudioContent content = audio::read_content(input_);
    if (content.genre.empty()) content.genre = genre_elsewhere(*input_);
    return content;
}

AudioReader LocalTrack::open_audio(int sample_rate) {
    return AudioReader(audio::decode(input_, sample_rate));
}

std::unique_ptr<TrackReader> open_track(const std::filesystem::path& file) {
    return std::make_unique<LocalTrack>(std::make_shared<audio::InputFile>(file));
}

}  // namespace earmark::library
