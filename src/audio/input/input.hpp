#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

namespace earmark::audio {

/// The bytes that FFmpeg reads: those of a file, of a buffer, or of a stream. Several containers may read one input.
class Input {
  public:
    /// @param name  what errors call it; its extension helps to recognise the format
    explicit Input(std::string name) : name_(std::move(name)) {}
    virtual ~Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    const std::string& name() const noexcept { return name_; }

    /// Bytes from beginning to end. Reads a stream to its end.
    virtual std::int64_t size() noexcept = 0;

    /// Reads up to `buffer.size()` bytes from `offset` on. @return bytes read, 0 at the end, -1 on an error, which
    /// `check_readable` then throws.
    virtual std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept = 0;

    /// @throws Error unreadable when a `read` has failed; from a stream, whatever the stream threw
    virtual void check_readable() const {}

    /// @throws Error changed when the bytes are not what they were at opening
    virtual void check_unchanged() const {}

  private:
    std::string name_;
};

/// Bytes in memory that belong to the caller.
class MemoryInput : public Input {
  public:
    /// @param bytes  must outlive this object
    MemoryInput(std::span<const std::byte> bytes, std::string name) : Input(std::move(name)), bytes_(bytes) {}

    std::int64_t size() noexcept override { return std::ssize(bytes_); }

    std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept override {
        if (offset < 0 || offset >= std::ssize(bytes_)) return 0;
        const std::span<const std::byte> rest = bytes_.subspan(static_cast<std::size_t>(offset));
        const std::size_t count = std::min(rest.size(), buffer.size());
        if (count > 0) std::memcpy(buffer.data(), rest.data(), count);
        return static_cast<std::ptrdiff_t>(count);
    }

  private:
    std::span<const std::byte> bytes_;
};

}  // namespace earmark::audio
