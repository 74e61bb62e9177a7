#pragma once

#include <filesystem>

#include <sys/stat.h>

namespace earmark {

/// Changes to a file that happen whole or not at all: they are made to a copy beside it, which then takes its place,
/// with its owner, mode, times and extended attributes (access control lists among them). Until `commit` nothing has
/// happened to the file; without `commit` the copy is removed.
class FileReplacement {
  public:
    /// Copies the file that `file` leads to, through symbolic links.
    /// @throws Error not_found, unreadable; cannot_write when the file is write-protected, the folder takes no files or
    /// the disk is full; unsupported when the file has other hard links, which would go on showing the old contents
    explicit FileReplacement(const std::filesystem::path& file);
    ~FileReplacement();
    FileReplacement(const FileReplacement&) = delete;
    FileReplacement& operator=(const FileReplacement&) = delete;

    /// The file itself, without symbolic links.
    const std::filesystem::path& original() const noexcept { return original_; }
    /// The copy: a hidden file in the same folder, whose name ends as that of the original does.
    const std::filesystem::path& copy() const noexcept { return copy_; }

    /// Syncs the copy, gives it what the original has, puts it in its place and syncs the folder.
    /// @throws Error changed when the original changed since it was copied; cannot_write when something of it cannot be
    /// kept
    void commit();

  private:
    void copy_file();
    void keep_attributes(int copy) const;
    void keep_extended_attributes(int copy) const;
    void sync_folder() const;
    [[noreturn]] void raise(const char* what, int error) const;

    std::filesystem::path original_;
    std::filesystem::path copy_;
    int lock_ = -1;  ///< of the copy: says that it is in use
    struct stat before_ {};
    bool committed_ = false;
};

/// Removes copies in a folder that a program left which was killed; those that are in use stay.
void remove_stale_copies(const std::filesystem::path& folder);

}  // namespace earmark
