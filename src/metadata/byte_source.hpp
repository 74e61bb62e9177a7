#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace earmark::metadata {

/// Bytes that are read by position: those of an open file, of memory, or of a file as it will be after an edit. It
/// knows of no path, so that parsers can run in a process that has descriptors alone.
class ByteSource {
  public:
    virtual ~ByteSource() = default;

    virtual std::uint64_t size() const = 0;
    /// Reads from `offset` on. @return the bytes read: fewer than asked for at the end only
    /// @throws Error unreadable
    virtual std::size_t read(std::uint64_t offset, std::span<char> bytes) const = 0;

    /// Up to `size` bytes from `offset` on, and never more than there are: what a forged size asks for is not allocated.
    std::string bytes(std::uint64_t offset, std::uint64_t size) const;
};

/// An open file, read with pread(2): its position has no part in it. The descriptor stays the caller's.
class DescriptorSource : public ByteSource {
  public:
    /// @throws Error unreadable
    explicit DescriptorSource(int descriptor);

    std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> bytes) const override;

  private:
    int descriptor_;
    std::uint64_t size_ = 0;
};

/// Bytes in memory, which must outlive it.
class MemorySource : public ByteSource {
  public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t size() const override { return bytes_.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> bytes) const override;

  private:
    std::string_view bytes_;
};

}  // namespace earmark::metadata
