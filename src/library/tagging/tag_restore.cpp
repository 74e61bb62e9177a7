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
using metadata::Field;
using metadata::FieldEdit;
using metadata::Item;

namespace {

/// What a change did to a field: values before and after.
struct FieldChange {
    Field field = Field::genre;
    std::vector<std::string> before;
    std::vector<std::string> after;
};

std::vector<FieldChange> fields_of(const TagChange& change) {
    std::vector<FieldChange> fields;
    if (change.before != change.after) fields.push_back({Field::genre, change.before, change.after});
    if (change.moods_before && change.moods_after) {
        fields.push_back({Field::mood, *change.moods_before, *change.moods_after});
    }
    return fields;
}

/// Whether the values that a file has now came of those that a change gave it: taggers may drop some of several.
bool came_of(const std::vector<std::string>& now, const std::vector<std::string>& after) {
    return std::ranges::all_of(
        now, [&](const std::string& value) { return std::ranges::find(after, value) != after.end(); });
}

/// The texts of the values that a change took away, as they stood there: "(51)(39)".
std::vector<std::string> texts_before(const TagChange& change, const FieldChange& field) {
    std::vector<std::string> texts;
    std::string where;
    for (const Item& item : change.items.removed) {
        if (item.field != field.field || (!where.empty() && item.where != where)) continue;
        for (std::string& text : metadata::texts_of(item)) {
            where = item.where;
            texts.push_back(std::move(text));
        }
    }
    return texts.empty() ? field.before : texts;
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
        if (item.field == Field::genre && std::ranges::none_of(metadata.items, same)) missing.push_back(item);
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
    metadata::edit_fields(copy, std::vector<FieldEdit>{{Field::genre, {room}}});
    const metadata::DescriptorSource source(copy);
    for (const Item& made : metadata::read_metadata(source).items) {
        const auto old = std::ranges::find_if(items, [&](const Item& item) {
            return made.field == Field::genre && item.system == made.system && item.key == made.key &&
                   item.size == made.size;
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

std::string listed(const std::vector<std::string>& values) {
    return fmt::format("\"{}\"", fmt::join(values, "; "));
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
    const TrackTags tags = track_tags(now);
    std::vector<FieldEdit> edits;
    for (const FieldChange& field : fields_of(change)) {
        const std::vector<std::string>& values = field.field == Field::genre ? tags.genres : tags.moods;
        if (values == field.before) continue;
        if (came_of(values, field.after)) {
            edits.push_back({field.field, texts_before(change, field)});
        } else {
            left_.push_back(fmt::format("That program gave it the {} {}, which stays; before the run it had {}.",
                                        name_of(field.field), listed(values),
                                        field.before.empty() ? "none" : listed(field.before)));
        }
    }
    if (!edits.empty()) {
        rewrite_fields(made, edits);
        restore_exactly(change, now, edits);
    }
    for (const Item& item : change.items.removed) {
        const auto same = [&](const Item& each) { return same_value(each, item); };
        if (item.field != Field::other || std::ranges::any_of(now.items, same)) continue;
        left_.push_back(fmt::format("{} cannot be put back.", name_of(item)));
    }
    if (edits.empty()) replacement_.reset();
}

void TagRestore::restore_exactly(const TagChange& change, const metadata::Metadata& now,
                                 const std::vector<FieldEdit>& edits) {
    if (std::ranges::find(edits, Field::genre, &FieldEdit::field) == edits.end()) return;
    const std::vector<Item> missing = missing_genres(change, metadata_of(replacement_->copy()));
    if (missing.empty()) return;
    std::vector<FieldEdit> others = edits;
    std::erase_if(others, [](const FieldEdit& edit) { return edit.field == Field::genre; });
    const fs::path file = replacement_->original();
    replacement_.reset();
    FileReplacement& made = replacement_.emplace(file);
    if (!others.empty()) rewrite_fields(made, others);
    if (write_bytes_of(missing, made.descriptor()) && is_as_it_was_but_for(now, edits)) return;
    replacement_.reset();
    rewrite_fields(replacement_.emplace(file), edits);
    left_.emplace_back("Its old genre is back in other bytes.");
}

bool TagRestore::is_as_it_was_but_for(const metadata::Metadata& now, const std::vector<FieldEdit>& edits) const {
    const ItemChanges changes = item_changes(now, metadata_of(replacement_->copy()));
    const auto is_edited = [&](const Item& item) {
        return std::ranges::find(edits, item.field, &FieldEdit::field) != edits.end();
    };
    for (const std::vector<Item>* items : {&changes.removed, &changes.added}) {
        if (!std::ranges::all_of(*items, is_edited)) return false;
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
