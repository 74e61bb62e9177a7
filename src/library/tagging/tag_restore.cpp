#include "library/tagging/tag_restore.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/throw.hpp"
#include "library/tagging/binary_patch.hpp"
#include "library/tags/track_tags.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// Whether the genres that a file has now came of those that a change gave it: taggers may drop some of several.
bool came_of(const std::vector<std::string>& now, const std::vector<std::string>& after) {
    return std::ranges::all_of(
        now, [&](const std::string& genre) { return std::ranges::find(after, genre) != after.end(); });
}

std::string listed(const std::vector<std::string>& genres) {
    return fmt::format("\"{}\"", fmt::join(genres, "; "));
}

}  // namespace

TagRestore::TagRestore(const TagChange& change, const fs::path& file) {
    const files::ContentHash::Digest now = files::hash_of_file(file);
    if (now == change.old_bytes) return;
    if (now == change.new_bytes) {
        restore_bytes(change, file);
    } else {
        restore_items(change, file);
    }
    if (replacement_) replacement_->seal();
}

void TagRestore::restore_bytes(const TagChange& change, const fs::path& file) {
    FileReplacement& made = replacement_.emplace(file, FileReplacement::Begin::empty);
    const auto write = [&](std::string_view bytes) { made.write(bytes); };
    if (apply_patch(made.original(), change.patch, write) != change.old_bytes) {
        base::fail(ErrorCode::corrupt, "{}: what was kept to restore it is damaged. The file is as it was.",
                   file.string());
    }
}

void TagRestore::restore_items(const TagChange& change, const fs::path& file) {
    how_ = Undone::items;
    FileReplacement& made = replacement_.emplace(file);
    const metadata::Metadata now = metadata_of(made.original());
    const std::vector<std::string> genres = track_tags(now).genres;
    const bool changed = genres != change.before && came_of(genres, change.after);
    if (changed) {
        rewrite_genres(made, change.before);
    } else if (genres != change.before) {
        left_.push_back(fmt::format("That program gave it the genre {}, which stays; before the run it had {}.",
                                    listed(genres),
                                    change.before.empty() ? "none" : listed(change.before)));
    }
    const metadata::Metadata then = changed ? metadata_of(made.copy()) : now;
    for (const metadata::Item& item : change.items.removed) {
        const bool there = std::ranges::any_of(then.items, [&](const metadata::Item& each) {
            return each.key == item.key && each.size == item.size && each.digest == item.digest;
        });
        if (there || item.genre) continue;
        left_.push_back(fmt::format("{} cannot be put back.", name_of(item)));
    }
    if (!changed) replacement_.reset();
}

std::optional<fs::path> TagRestore::changes() const {
    return replacement_ ? std::optional(replacement_->original()) : std::nullopt;
}

void TagRestore::commit() {
    if (replacement_) replacement_->commit();
}

}  // namespace earmark::library
