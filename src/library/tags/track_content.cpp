#include "library/tags/track_content.hpp"

#include <utility>

#include "audio/content.hpp"
#include "audio/input/input_bytes.hpp"
#include "audio/input/input_file.hpp"
#include "earmark/error.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

std::optional<TrackTags> read_track_tags(audio::Input& input) {
    try {
        const metadata::Metadata metadata = metadata::read_metadata(audio::InputBytes(input));
        if (metadata.items.empty() && !metadata::is_taggable(metadata.container)) return std::nullopt;
        return track_tags(metadata);
    } catch (const Error& error) {
        // More of it than anything can be meant by; its sound may be sound.
        if (error.code() == ErrorCode::corrupt) return std::nullopt;
        throw;
    }
}

std::optional<TrackTags> read_track_tags(const fs::path& file) {
    audio::InputFile input(file);
    return read_track_tags(input);
}

TrackContent read_track_content(std::shared_ptr<audio::Input> input) {
    const audio::AudioContent content = audio::read_content(input);
    std::optional<TrackTags> tags = read_track_tags(*input);
    return {content.hash, tags ? std::move(*tags) : track_tags(content.tags)};
}

TrackContent read_track_content(const fs::path& file) {
    return read_track_content(std::make_shared<audio::InputFile>(file));
}

}  // namespace earmark::library
