#pragma once

#include <filesystem>
#include <string>

#include "target.hpp"

namespace earmark::fuzz {

/// A file of some bytes, in a folder that this process has for itself below $TMPDIR (best on a file system in memory).
/// Gone with the object, as is the folder with the process.
class ScratchFile {
  public:
    ScratchFile(const char* name, Bytes bytes);
    ~ScratchFile();
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// What is in it now.
    std::string contents() const;

  private:
    std::filesystem::path path_;
};

/// The path of a file of that name in the folder, which may not be there.
std::filesystem::path scratch_path(const char* name);

}  // namespace earmark::fuzz
