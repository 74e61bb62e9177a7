#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "files/content_hash.hpp"
#include "library/tagging/file_replacement.hpp"
#include "library/tagging/tag_items.hpp"
#include "metadata/edit/edit.hpp"

namespace earmark::library {

/// A change of a file's genres, moods or both, with what it takes to undo it.
struct TagChange {
    std::filesystem::path file;                                 ///< without symbolic links
    std::vector<std::string> before;                            ///< genres
    std::vector<std::string> after;                             ///< the same ones where only moods change
    std::optional<std::vector<std::string>> moods_before = {};  ///< none where they are left alone
    std::optional<std::vector<std::string>> moods_after = {};
    files::ContentHash::Digest old_bytes{};  ///< of the whole file, before
    files::ContentHash::Digest new_bytes{};  ///< and after
    std::string patch;                       ///< makes the file of before of that of after (make_patch)
    ItemChanges items = {};  ///< for a file that others changed since; none in changes of an older Earmark
};

/// All metadata of a file. @throws Error not_found, unreadable, corrupt
metadata::Metadata metadata_of(const std::filesystem::path& file);

/// Writes fields into the copy, and sees to it that nothing else of it changes. @throws Error as TagEdit
metadata::EditReport rewrite_fields(FileReplacement& replacement, const std::vector<metadata::FieldEdit>& edits);

/// Other genres or moods for a file, written into a copy and checked there: the copy has them, all its other tags are
/// those of the file, and so is all that decides how it sounds. The file is as it was until `commit`, and all that
/// takes long is done before.
class TagEdit {
  public:
    /// @throws Error as FileReplacement, metadata::edit_fields and hash_of_sound; internal when a check fails
    TagEdit(const std::filesystem::path& file, const std::vector<metadata::FieldEdit>& edits);

    /// To be kept before `commit`, so that the change can be undone whenever the program is killed.
    const TagChange& change() const noexcept { return change_; }

    /// What is to be told of the file, though it can be written: that its name says another kind than its content.
    const std::vector<std::string>& notes() const noexcept { return notes_; }

    /// Puts the copy in the place of the file. @throws Error as FileReplacement::commit
    void commit() { replacement_.commit(); }

  private:
    FileReplacement replacement_;
    TagChange change_;
    std::vector<std::string> notes_;
};

}  // namespace earmark::library
