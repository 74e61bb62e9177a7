#include "library/tags/track_content.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "files/descriptor.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

std::optional<TrackTags> read_track_tags(int descriptor) {
    try {
        const metadata::Metadata metadata = metadata::read_metadata(metadata::DescriptorSource(descriptor));
        if (metadata.items.empty() && !metadata::is_taggable(metadata.container)) return std::nullopt;
        return track_tags(metadata);
    } catch (const Error& error) {
        // More of it than anything can be meant by; its sound may be sound.
        if (error.code() == ErrorCode::corrupt) return std::nullopt;
        throw;
    }
}

std::optional<TrackTags> read_track_tags(const fs::path& file) {
    const files::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.is_open()) {
        const int error = errno;
        base::fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::unreadable, "{}: {}.", file.string(),
                   std::strerror(error));
    }
    return read_track_tags(descriptor.get());
}

TrackContent read_track_content(const fs::path& file) {
    const audio::AudioContent content = audio::read_content(file);
    std::optional<TrackTags> tags = read_track_tags(file);
    return {content.hash, tags ? std::move(*tags) : track_tags(content.tags)};
}

}  // namespace earmark::library
