#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "files/content_hash.hpp"
#include "library/tagging/file_replacement.hpp"

namespace earmark::library {

/// A change of a file's genres, with what it takes to undo it.
struct TagChange {
    std::filesystem::path file;  ///< without symbolic links
    std::vector<std::string> before;
    std::vector<std::string> after;
    files::ContentHash::Digest old_bytes{};  ///< of the whole file, before
    files::ContentHash::Digest new_bytes{};  ///< and after
    std::string patch;                       ///< makes the file of before of that of after (make_patch)
};

/// Other genres for a file, written into a copy and checked there: the copy has the genres, all its other tags are
/// those of the file, and so is all that decides how it sounds. The file is as it was until `commit`, and all that
/// takes long is done before.
class TagEdit {
  public:
    /// @throws Error as FileReplacement, write_genres and hash_of_sound; internal when a check fails
    TagEdit(const std::filesystem::path& file, const std::vector<std::string>& genres);

    /// To be kept before `commit`, so that the change can be undone whenever the program is killed.
    const TagChange& change() const noexcept { return change_; }

    /// Puts the copy in the place of the file. @throws Error as FileReplacement::commit
    void commit() { replacement_.commit(); }

  private:
    FileReplacement replacement_;
    TagChange change_;
};

/// How a change is undone.
enum class Undone {
    bytes,   ///< the file is what it was before, byte for byte
    genres,  ///< something else changed the file since: it has its old genres again, and keeps all else
};

/// Undoes a change of `file`, which is where the changed file now is; nothing happens to it before `commit`. A file
/// that is as it was before the change is left alone (`bytes`).
class TagRestore {
  public:
    /// @throws Error as TagEdit; corrupt when the patch is damaged
    TagRestore(const TagChange& change, const std::filesystem::path& file);

    Undone how() const noexcept { return how_; }
    /// The file itself, without symbolic links; none when it is left alone.
    std::optional<std::filesystem::path> changes() const;

    /// @throws Error as FileReplacement::commit
    void commit();

  private:
    std::optional<FileReplacement> replacement_;
    Undone how_ = Undone::bytes;
};

}  // namespace earmark::library
