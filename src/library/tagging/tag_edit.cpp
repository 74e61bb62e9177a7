#include "library/tagging/tag_edit.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "files/descriptor.hpp"
#include "library/tagging/binary_patch.hpp"
#include "library/tags/track_tags.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

metadata::Metadata metadata_of(const fs::path& file) {
    const files::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.is_open()) {
        base::fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unreadable, "{}: cannot be opened.",
                   file.string());
    }
    return metadata::read_metadata(metadata::DescriptorSource(descriptor.get()));
}

metadata::EditReport rewrite_genres(FileReplacement& replacement, const std::vector<std::string>& genres) {
    const fs::path& file = replacement.original();
    metadata::EditReport report;
    try {
        report = metadata::edit_genres(replacement.descriptor(), genres);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cannot_write) replacement.check_space();
        base::fail(error.code(), "{}: {} The file is as it was.", file.string(), error.what());
    }
    if (audio::hash_of_sound(replacement.copy()) != audio::hash_of_sound(file)) {
        base::fail(ErrorCode::internal, "{}: writing its genre would change its sound. The file is as it was.",
                   file.string());
    }
    return report;
}

TagEdit::TagEdit(const fs::path& file, const std::vector<std::string>& genres) : replacement_(file) {
    change_.file = replacement_.original();
    change_.after = genres;
    const metadata::Metadata before = metadata_of(change_.file);
    change_.before = track_tags(before).genres;
    const metadata::EditReport report = rewrite_genres(replacement_, genres);
    if (!metadata::extension_fits(report.container, file.extension().string())) {
        notes_.push_back(fmt::format("{}: is of the kind {}, though its name says another. Rename it.", file.string(),
                                     metadata::name_of(report.container)));
    }
    change_.items = item_changes(before, metadata_of(replacement_.copy()));
    Patch patch = make_patch(replacement_.copy(), replacement_.original());
    change_.old_bytes = patch.wanted;
    change_.new_bytes = patch.have;
    change_.patch = std::move(patch.bytes);
    replacement_.seal();
}

}  // namespace earmark::library
