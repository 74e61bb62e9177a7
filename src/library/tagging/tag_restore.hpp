#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "library/tagging/file_replacement.hpp"
#include "library/tagging/tag_edit.hpp"

namespace earmark::library {

/// How a change is undone.
enum class Undone {
    bytes,  ///< the file is what it was before, byte for byte
    items,  ///< something else changed the file since: what the change took away is back, and all else is kept
};

/// Undoes a change of `file`, which is where the changed file now is; nothing happens to it before `commit`. A file
/// that is as it was before the change is left alone (`bytes`). What another program changed since is left as it is.
class TagRestore {
  public:
    /// @throws Error as TagEdit; corrupt when the patch is damaged
    TagRestore(const TagChange& change, const std::filesystem::path& file);

    Undone how() const noexcept { return how_; }
    /// What of the file is not as it was, since that could not be done without touching what another program changed: a
    /// sentence each.
    const std::vector<std::string>& left() const noexcept { return left_; }
    /// The file itself, without symbolic links; none when it is left alone.
    std::optional<std::filesystem::path> changes() const;

    /// @throws Error as FileReplacement::commit
    void commit();

  private:
    void restore_bytes(const TagChange& change, const std::filesystem::path& file);
    void restore_items(const TagChange& change, const std::filesystem::path& file);
    void restore_exactly(const TagChange& change, const metadata::Metadata& now,
                         const std::vector<metadata::FieldEdit>& edits);
    bool is_as_it_was_but_for(const metadata::Metadata& now, const std::vector<metadata::FieldEdit>& edits) const;

    std::optional<FileReplacement> replacement_;
    Undone how_ = Undone::bytes;
    std::vector<std::string> left_;
};

}  // namespace earmark::library
