#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "earmark/error.hpp"

namespace earmark::files {

/// A file or folder that was left out, and why.
struct FileFailure {
    std::filesystem::path path;
    ErrorCode code = ErrorCode::internal;
    std::string message;  ///< names the path
};

/// Size and time of a file, by which a change is noticed.
struct FileStamp {
    std::int64_t size = 0;      ///< bytes
    std::int64_t modified = 0;  ///< nanoseconds since 1970

    bool operator==(const FileStamp&) const = default;
};

/// A regular file that may hold audio.
struct FoundFile {
    std::filesystem::path path;
    FileStamp stamp;  ///< none of a broken link
};

/// What to skip.
struct WalkOptions {
    bool hidden = false;          ///< take files and folders whose names begin with a dot, too
    bool linked_folders = true;   ///< go into folders that a symbolic link leads to
    bool repeat_folders = false;  ///< look into a folder by every path that leads to it, though not into itself
    bool broken_links = false;    ///< take links that lead nowhere, too, so that opening them fails
    bool heed_nomedia = true;     ///< skip folders with a file .nomedia in them, with all that is below
    /// Shell patterns (`*`, `?`, `[…]`; `*` matches slashes, too) of files and folders to skip, matched against
    /// the name and against the path below the folder that is walked.
    std::vector<std::string> exclude = {};
};

/// What a walk found.
struct Walk {
    std::vector<FoundFile> files;       ///< sorted by the bytes of their paths, none twice
    std::vector<FileFailure> failures;  ///< what could not be looked into
};

/// Finds the files in folders and below. Links to files are followed; each folder is looked into once, whatever links
/// lead to it, and by its own path rather than by a link when both are met (but see WalkOptions). Files that are plainly
/// no audio by their names, links that lead nowhere, pipes and devices are skipped. Among `folders` may be files, which are taken as
/// they are. Paths begin as those of `folders` do.
/// @throws Error interrupted
Walk walk(const std::vector<std::filesystem::path>& folders, const WalkOptions& options = {},
          const base::StopFlag* stop = nullptr);

/// An absolute path without ".", ".." and a slash at its end: how paths stand in the index. Links are not resolved.
/// @throws Error bad_option for an empty path
std::filesystem::path normal_path(const std::filesystem::path& path);

/// The stamp of the file at a path, links followed. @throws Error not_found, unreadable
FileStamp read_stamp(const std::filesystem::path& path);

}  // namespace earmark::files
