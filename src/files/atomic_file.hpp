#pragma once

#include <cstdio>
#include <filesystem>
#include <string_view>

namespace earmark::files {

/// A file that appears whole or not at all: written under a temporary name in the same folder, then synced and renamed
/// over `path` by `commit`. Without `commit` the temporary file is removed and `path` stays as it was.
/// Every failure is an Error cannot_write that names `path`.
class AtomicFile {
  public:
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    /// Overwrites bytes already written, then returns to the end.
    void rewrite(long offset, const void* data, std::size_t bytes);
    void commit();

    /// The temporary name, for libraries that insist on writing files themselves.
    const std::filesystem::path& temporary() const noexcept { return temporary_; }

  private:
    [[noreturn]] void raise(int error) const;

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    std::FILE* file_ = nullptr;
};

/// Writes `text` to `path` through an AtomicFile.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Reads a whole file of at most `limit` bytes. @throws Error not_found, unreadable
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 30);

/// Throws the Error that fits `error` (an errno) met while opening `path` for reading.
[[noreturn]] void fail_to_open(const std::filesystem::path& path, int error);

}  // namespace earmark::files
