#include "library/retag.hpp"

#include <algorithm>

#include "audio/content.hpp"
#include "core/throw.hpp"
#include "library/binary_patch.hpp"
#include "library/tags.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

/// Writes genres into `copy`, and sees to it that nothing else of it changes.
/// @return the genres that it had
std::vector<std::string> rewrite(const fs::path& file, const fs::path& copy, const std::vector<std::string>& genres) {
    const auto refuse = [&](const char* what) {
        fail(ErrorCode::internal, "{}: writing its genre would {}. The file is as it was.", file.string(), what);
    };
    const Tags before = read_tags(copy);
    write_genres(copy, genres);
    const Tags after = read_tags(copy);
    if (!std::ranges::is_permutation(after.genres, genres)) refuse("not give it the genre");
    if (after.others != before.others) refuse("change its other tags");
    if (read_content(copy).hash != read_content(file).hash) refuse("change its sound");
    return before.genres;
}

}  // namespace

Retag::Retag(const fs::path& file, const std::vector<std::string>& genres) : replacement_(file) {
    change_.file = replacement_.original();
    change_.after = genres;
    change_.before = rewrite(replacement_.original(), replacement_.copy(), genres);
    change_.old_bytes = hash_of_file(replacement_.original());
    change_.new_bytes = hash_of_file(replacement_.copy());
    change_.patch = make_patch(replacement_.copy(), replacement_.original());
}

Undone undo(const TagChange& change, const fs::path& file) {
    const ContentHash::Digest now = hash_of_file(file);
    if (now == change.old_bytes) return Undone::bytes;
    FileReplacement replacement(file);
    const bool untouched = now == change.new_bytes;
    if (untouched) {
        apply_patch(replacement.original(), change.patch, replacement.copy());
        if (hash_of_file(replacement.copy()) != change.old_bytes) {
            fail(ErrorCode::corrupt, "{}: what was kept to restore it is damaged. The file is as it was.",
                 file.string());
        }
    } else {
        rewrite(replacement.original(), replacement.copy(), change.before);
    }
    replacement.commit();
    return untouched ? Undone::bytes : Undone::genres;
}

}  // namespace earmark
