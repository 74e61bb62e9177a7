#include "library/tagging/tag_restore.hpp"

#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "library/tagging/binary_patch.hpp"
#include "library/tags/track_tags.hpp"
#include "metadata/edit/edit.hpp"

namespace earmark::library {

namespace fs = std::filesystem;
using metadata::Item;

namespace {

/// Whether the genres that a file has now came of those that a change gave it: taggers may drop some of several.
bool came_of(const std::vector<std::string>& now, const std::vector<std::string>& after) {
    return std::ranges::all_of(
        now, [&](const std::string& genre) { return std::ranges::find(after, genre) != after.end(); });
}

/// The texts of the genres that a change took away, as they stood there: "(51)(39)".
std::vector<std::string> texts_before(const TagChange& change) {
    std::vector<std::string> texts;
    std::string where;
    for (const Item& item : change.items.removed) {
        if (!item.genre || (!where.empty() && item.where != where)) continue;
        for (std::string& text : metadata::texts_of(item)) {
            where = item.where;
            texts.push_back(std::move(text));
        }
    }
    return texts.empty() ? change.before : texts;
}

/// Whether items hold the same, whatever the tag is called by now.
bool same_value(const Item& a, const Item& b) {
    return a.system == b.system && a.key == b.key && a.type == b.type && a.size == b.size && a.digest == b.digest;
}

/// The genres of a change's file before that are not in the bytes of a file.
std::vector<Item> missing_genres(const TagChange& change, const metadata::Metadata& metadata) {
    std::vector<Item> missing;
    for (const Item& item : change.items.removed) {
        const auto same = [&](const Item& each) { return same_value(each, item); };
        if (item.genre && std::ranges::none_of(metadata.items, same)) missing.push_back(item);
    }
    return missing;
}

/// Gives frames of ID3v2 and numbers of ID3v1 the very bytes that they had: makes room for them with a genre of the same
/// length, and writes them there. @return false where that cannot be done; then the copy is spoilt
bool write_bytes_of(const std::vector<Item>& items, int copy) {
    const auto frame = std::ranges::find(items, metadata::System::id3v2, &Item::system);
    const bool others = std::ranges::any_of(items, [](const Item& item) {
        return item.system != metadata::System::id3v2 && item.system != metadata::System::id3v1;
    });
    constexpr std::uint64_t longest = 4096;
    if (frame == items.end() || others || frame->size < 2 || frame->size > longest) return false;
    const std::string room(static_cast<std::size_t>(frame->size - 1), 'x');
    metadata::edit_genres(copy, {room});
    const metadata::DescriptorSource source(copy);
    for (const Item& made : metadata::read_metadata(source).items) {
        const auto old = std::ranges::find_if(items, [&](const Item& item) {
            return made.genre && item.system == made.system && item.key == made.key && item.size == made.size;
        });
        if (old == items.end()) continue;
        constexpr std::uint64_t header = 10;
        const std::size_t within = source.bytes(made.offset, header + made.size).rfind(made.value);
        if (within == std::string::npos) return false;
        const auto at = static_cast<off_t>(made.offset + within);
        if (::pwrite(copy, old->value.data(), old->value.size(), at) != std::ssize(old->value)) return false;
    }
    return true;
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
        rewrite_genres(made, texts_before(change));
        restore_exactly(change, now);
    } else if (genres != change.before) {
        left_.push_back(fmt::format("That program gave it the genre {}, which stays; before the run it had {}.",
                                    listed(genres), change.before.empty() ? "none" : listed(change.before)));
    }
    for (const Item& item : change.items.removed) {
        const auto same = [&](const Item& each) { return same_value(each, item); };
        if (item.genre || std::ranges::any_of(now.items, same)) continue;
        left_.push_back(fmt::format("{} cannot be put back.", name_of(item)));
    }
    if (!changed) replacement_.reset();
}

void TagRestore::restore_exactly(const TagChange& change, const metadata::Metadata& now) {
    const std::vector<Item> missing = missing_genres(change, metadata_of(replacement_->copy()));
    if (missing.empty()) return;
    const fs::path file = replacement_->original();
    replacement_.reset();
    FileReplacement& made = replacement_.emplace(file);
    if (write_bytes_of(missing, made.descriptor()) && is_as_it_was_but_for_genres(now)) return;
    replacement_.reset();
    rewrite_genres(replacement_.emplace(file), texts_before(change));
    left_.emplace_back("Its old genre is back in other bytes.");
}

bool TagRestore::is_as_it_was_but_for_genres(const metadata::Metadata& now) const {
    const ItemChanges changes = item_changes(now, metadata_of(replacement_->copy()));
    for (const std::vector<Item>* items : {&changes.removed, &changes.added}) {
        if (!std::ranges::all_of(*items, &Item::genre)) return false;
    }
    return audio::hash_of_sound(replacement_->copy()) == audio::hash_of_sound(replacement_->original());
}

std::optional<fs::path> TagRestore::changes() const {
    return replacement_ ? std::optional(replacement_->original()) : std::nullopt;
}

void TagRestore::commit() {
    if (replacement_) replacement_->commit();
}

}  // namespace earmark::library
