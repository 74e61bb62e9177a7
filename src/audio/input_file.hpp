#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace earmark::audio {

/// A regular file open for reading, that notices when it is changed meanwhile. Any sequence of bytes is a valid name.
class InputFile {
  public:
    /// @throws Error not_found, unreadable (permissions, a folder, a pipe or device), no_audio when it is empty
    explicit InputFile(std::filesystem::path path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    int descriptor() const noexcept { return descriptor_; }

    /// Bytes at the time of opening. Nothing beyond them is ever read, so that a file that grows still has an end.
    std::int64_t size() const noexcept { return size_; }

    /// Reads up to `buffer.size()` bytes from `offset` on. @return bytes read, 0 at the end, -1 on an I/O error,
    /// which `check_readable` then throws.
    std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept;

    /// @throws Error unreadable when a `read` has failed
    void check_readable() const;

    /// @throws Error changed when size or modification time are not what they were at opening
    void check_unchanged() const;

  private:
    std::filesystem::path path_;
    int descriptor_ = -1;
    std::int64_t size_ = 0;
    timespec modified_{};
    int error_ = 0;
};

}  // namespace earmark::audio
