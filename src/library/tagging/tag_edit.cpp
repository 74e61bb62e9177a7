#include "library/tagging/tag_edit.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "files/descriptor.hpp"
#include "library/tagging/binary_patch.hpp"
#include "library/tags/tags.hpp"
#include "library/tags/track_tags.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// What is wrong with a copy into which genres were written; nullptr when nothing is.
const char* fault_of(const fs::path& copy, const fs::path& file, const Tags& before,
                     const std::vector<std::string>& genres) {
    try {
        write_genres(copy, genres);
        const Tags after = read_tags(copy);
        if (!std::ranges::is_permutation(after.genres, genres)) return "not give it the genre";
        if (after.others != before.others) return "change its other tags";
        if (audio::hash_of_sound(copy) != audio::hash_of_sound(file)) return "change its sound";
    } catch (const Error&) {  // names the copy, of which nobody knows
        return "damage it";
    }
    return nullptr;
}

}  // namespace

metadata::Metadata metadata_of(const fs::path& file) {
    const files::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.is_open()) {
        base::fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unreadable, "{}: cannot be opened.",
                   file.string());
    }
    return metadata::read_metadata(metadata::DescriptorSource(descriptor.get()));
}

void rewrite_genres(FileReplacement& replacement, const std::vector<std::string>& genres) {
    const fs::path& file = replacement.original();
    const Tags before = read_tags(file);
    if (const char* const fault = fault_of(replacement.copy(), file, before, genres)) {
        replacement.check_space();  // TagLib does not tell of a full disk
        base::fail(ErrorCode::internal, "{}: writing its genre would {}. The file is as it was.", file.string(), fault);
    }
}

TagEdit::TagEdit(const fs::path& file, const std::vector<std::string>& genres) : replacement_(file) {
    change_.file = replacement_.original();
    change_.after = genres;
    const metadata::Metadata before = metadata_of(change_.file);
    change_.before = track_tags(before).genres;
    rewrite_genres(replacement_, genres);
    change_.items = item_changes(before, metadata_of(replacement_.copy()));
    Patch patch = make_patch(replacement_.copy(), replacement_.original());
    change_.old_bytes = patch.wanted;
    change_.new_bytes = patch.have;
    change_.patch = std::move(patch.bytes);
    replacement_.seal();
}

}  // namespace earmark::library
