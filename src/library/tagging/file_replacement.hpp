#pragma once

#include <filesystem>
#include <string_view>

#include <sys/stat.h>

#include "files/descriptor.hpp"

namespace earmark::library {

/// Changes to a file that happen whole or not at all: they are made to a copy beside it, which then takes its place,
/// with its owner, mode, times and extended attributes (access control lists among them). Until `commit` nothing has
/// happened to the file; without `commit` the copy is removed. All failures name the file.
class FileReplacement {
  public:
    enum class Begin {
        with_contents,  ///< the copy is one
        empty,          ///< it is for `write` to fill
    };

    /// Makes the copy of the file that `file` leads to, through symbolic links.
    /// @throws Error not_found, unreadable; cannot_write when the file is write-protected, the folder takes no files or
    /// the disk is full; unsupported when the file has other hard links, which would go on showing the old contents
    explicit FileReplacement(const std::filesystem::path& file, Begin begin = Begin::with_contents);
    ~FileReplacement();
    FileReplacement(const FileReplacement&) = delete;
    FileReplacement& operator=(const FileReplacement&) = delete;

    /// The file itself, without symbolic links.
    const std::filesystem::path& original() const noexcept { return original_; }
    /// The copy: a hidden file in the same folder, whose name ends as that of the original does. To be written into,
    /// not to be replaced by another.
    const std::filesystem::path& copy() const noexcept { return copy_; }

    /// The open copy, for reading and writing.
    int descriptor() const noexcept { return file_.get(); }

    /// Adds bytes to the end of the copy. @throws Error cannot_write
    void write(std::string_view bytes);

    /// Sees whether the copy could be written on, for after others wrote into it who do not tell when the disk is full.
    /// Spoils the copy. @throws Error cannot_write when it cannot
    void check_space();

    /// Gives the copy what the original has, and syncs it: the long part of a `commit`. Nothing is to be written to it
    /// afterwards. @throws Error cannot_write when something of it cannot be kept
    void seal();

    /// Puts the copy in the place of the original. `sync_folder` of its folder makes that outlast a loss of power.
    /// @throws Error changed when the original changed since it was copied; cannot_write, as `seal`
    void commit();

  private:
    void check_original() const;
    void make_copy();
    void copy_contents();
    void keep_attributes() const;
    void keep_extended_attributes() const;
    [[noreturn]] void raise(const char* what, int error) const;

    std::filesystem::path original_;
    std::filesystem::path copy_;
    files::Descriptor file_;  ///< of the copy, locked: that says that it is in use
    struct stat before_ {};
    bool sealed_ = false;
    bool committed_ = false;
};

/// Makes what was renamed in a folder outlast a loss of power. What cannot be synced (some network folders) is left to
/// the system.
void sync_folder(const std::filesystem::path& folder);

/// Removes copies in a folder that a program left which was killed; those that are in use stay.
void remove_stale_copies(const std::filesystem::path& folder);

}  // namespace earmark::library
