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

metadata::EditReport rewrite_fields(FileReplacement& replacement, const std::vector<metadata::FieldEdit>& edits) {
    const fs::path& file = replacement.original();
    metadata::EditReport report;
    try {
        report = metadata::edit_fields(replacement.descriptor(), edits);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cannot_write) replacement.check_space();
        base::fail(error.code(), "{}: {} The file is as it was.", file.string(), error.what());
    }
    if (audio::hash_of_sound(replacement.copy()) != audio::hash_of_sound(file)) {
        base::fail(ErrorCode::internal, "{}: writing its tags would change its sound. The file is as it was.",
                   file.string());
    }
    return report;
}

TagEdit::TagEdit(const fs::path& file, const std::vector<metadata::FieldEdit>& edits) : replacement_(file) {
    change_.file = replacement_.original();
    const metadata::Metadata before = metadata_of(change_.file);
    const TrackTags tags = track_tags(before);
    change_.before = change_.after = tags.genres;
    for (const metadata::FieldEdit& edit : edits) {
        if (edit.field == metadata::Field::genre) {
            change_.after = edit.values;
        } else {
            change_.moods_before = tags.moods;
            change_.moods_after = edit.values;
        }
    }
    const metadata::EditReport report = rewrite_fields(replacement_, edits);
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
