#pragma once

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <utility>

#include "audio/input/input.hpp"
#include "files/descriptor.hpp"

namespace earmark::audio {

/// A regular file that somebody opened for reading.
class DescriptorInput : public Input {
  public:
    /// @param size  bytes of it to read
    DescriptorInput(files::Descriptor descriptor, std::int64_t size, std::string name)
        : Input(std::move(name)), descriptor_(std::move(descriptor)), size_(size) {}

    int descriptor() const noexcept { return descriptor_.get(); }

    /// Nothing beyond them is ever read, so that a file that grows still has an end.
    std::int64_t size() noexcept override { return size_; }

    std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept override;
    void check_readable() const override;

  protected:
    files::Descriptor descriptor_;
    std::int64_t size_;

  private:
    std::atomic<int> error_ = 0;
};

/// A regular file open for reading, that notices when it is changed meanwhile. Any sequence of bytes is a valid name.
class InputFile : public DescriptorInput {
  public:
    /// @throws Error not_found, unreadable (permissions, a folder, a pipe or device), no_audio when it is empty,
    ///         unsupported when there is no such file and the path is a URL
    explicit InputFile(std::filesystem::path path);

    /// @throws Error changed when size or modification time are not what they were at opening
    void check_unchanged() const override;

  private:
    std::filesystem::path path_;
    timespec modified_{};
};

}  // namespace earmark::audio
