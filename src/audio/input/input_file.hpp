#pragma once

#include <sys/stat.h>

#include <atomic>
#include <filesystem>

#include "audio/input/input.hpp"

namespace earmark::audio {

/// A regular file open for reading, that notices when it is changed meanwhile. Any sequence of bytes is a valid name.
class InputFile : public Input {
  public:
    /// @throws Error not_found, unreadable (permissions, a folder, a pipe or device), no_audio when it is empty,
    ///         unsupported when there is no such file and the path is a URL
    explicit InputFile(std::filesystem::path path);
    ~InputFile() override;

    int descriptor() const noexcept { return descriptor_; }

    /// Bytes at the time of opening. Nothing beyond them is ever read, so that a file that grows still has an end.
    std::int64_t size() noexcept override { return size_; }

    std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept override;
    void check_readable() const override;

    /// @throws Error changed when size or modification time are not what they were at opening
    void check_unchanged() const override;

  private:
    std::filesystem::path path_;
    int descriptor_ = -1;
    std::int64_t size_ = 0;
    timespec modified_{};
    std::atomic<int> error_ = 0;
};

}  // namespace earmark::audio
