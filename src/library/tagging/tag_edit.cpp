#include "library/tagging/tag_edit.hpp"

#include <algorithm>
#include <utility>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "library/tagging/binary_patch.hpp"
#include "library/tags/tags.hpp"

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

/// Writes genres into the copy, and sees to it that nothing else of it changes.
/// @return the genres that the file has
std::vector<std::string> rewrite(FileReplacement& replacement, const std::vector<std::string>& genres) {
    const fs::path& file = replacement.original();
    const Tags before = read_tags(file);
    if (const char* const fault = fault_of(replacement.copy(), file, before, genres)) {
        replacement.check_space();  // TagLib does not tell of a full disk
        base::fail(ErrorCode::internal, "{}: writing its genre would {}. The file is as it was.", file.string(), fault);
    }
    return before.genres;
}

}  // namespace

TagEdit::TagEdit(const fs::path& file, const std::vector<std::string>& genres) : replacement_(file) {
    change_.file = replacement_.original();
    change_.after = genres;
    change_.before = rewrite(replacement_, genres);
    Patch patch = make_patch(replacement_.copy(), replacement_.original());
    change_.old_bytes = patch.wanted;
    change_.new_bytes = patch.have;
    change_.patch = std::move(patch.bytes);
    replacement_.seal();
}

TagRestore::TagRestore(const TagChange& change, const fs::path& file) {
    const files::ContentHash::Digest now = files::hash_of_file(file);
    if (now == change.old_bytes) return;
    if (now == change.new_bytes) {
        FileReplacement& made = replacement_.emplace(file, FileReplacement::Begin::empty);
        const auto write = [&](std::string_view bytes) { made.write(bytes); };
        if (apply_patch(made.original(), change.patch, write) != change.old_bytes) {
            base::fail(ErrorCode::corrupt, "{}: what was kept to restore it is damaged. The file is as it was.",
                       file.string());
        }
    } else {
        rewrite(replacement_.emplace(file), change.before);
        how_ = Undone::genres;
    }
    replacement_->seal();
}

std::optional<fs::path> TagRestore::changes() const {
    return replacement_ ? std::optional(replacement_->original()) : std::nullopt;
}

void TagRestore::commit() {
    if (replacement_) replacement_->commit();
}

}  // namespace earmark::library
