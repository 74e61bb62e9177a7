#pragma once

#include <exception>
#include <mutex>
#include <vector>

#include "audio/input/input.hpp"
#include "earmark/audio.hpp"

namespace earmark::audio {

/// Bytes that come one after another, from a pipe for instance. They are asked for when they are needed, and kept, so
/// that a format which has its table of contents at its end can be read as from a file. Thread-safe.
class StreamInput : public Input {
  public:
    /// Bytes that are kept in memory; a longer stream is kept in a temporary file that has no name.
    static constexpr std::int64_t most_in_memory = std::int64_t{1} << 26;

    StreamInput(ByteSource source, std::string name, std::int64_t in_memory = most_in_memory);
    ~StreamInput() override;

    std::int64_t size() noexcept override;
    std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept override;
    void check_readable() const override;

  private:
    bool pull_to(std::int64_t end) noexcept;
    void keep(std::span<const std::byte> bytes);

    ByteSource source_;
    std::int64_t in_memory_;
    mutable std::mutex mutex_;
    std::vector<std::byte> chunk_;
    std::vector<std::byte> memory_;  // what came so far, unless it is in the file
    int descriptor_ = -1;            // of the temporary file
    std::int64_t size_ = 0;          // bytes that came so far
    bool ended_ = false;
    std::exception_ptr error_;
};

}  // namespace earmark::audio
