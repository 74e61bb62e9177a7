#include "library/reading/track_reader.hpp"

#include "audio/content.hpp"
#include "audio/input/input_file.hpp"
#include "audio/sample_source.hpp"

namespace earmark::library {

bool LocalTrack::looks_like_audio() {
    return audio::looks_like_audio(*input_);
}

TrackContent LocalTrack::read_content() {
    return read_track_content(input_);
}

std::optional<TrackTags> LocalTrack::read_tags() {
    return read_track_tags(*input_);
}

AudioReader LocalTrack::open_audio(int sample_rate) {
    return AudioReader(audio::decode(input_, sample_rate));
}

std::unique_ptr<TrackReader> open_track(const std::filesystem::path& file) {
    return std::make_unique<LocalTrack>(std::make_shared<audio::InputFile>(file));
}

}  // namespace earmark::library
