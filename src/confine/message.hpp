#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace earmark::confine {

/// Longest message between two processes, in bytes.
inline constexpr std::size_t longest_message = std::size_t{1} << 24;

/// A message that is being written: numbers and texts one after the other, in the byte order of the machine.
class MessageWriter {
  public:
    MessageWriter& integer(std::int64_t value);
    MessageWriter& real(double value);
    MessageWriter& text(std::string_view value);

    std::string_view bytes() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

/// A message that came from a process which is not trusted: what is asked for is checked against what is there.
class MessageReader {
  public:
    explicit MessageReader(std::string bytes) : bytes_(std::move(bytes)) {}

    /// @throws Error corrupt when there is none, or one outside of `least` to `most`
    std::int64_t integer(std::int64_t least = INT64_MIN, std::int64_t most = INT64_MAX);
    /// @throws Error corrupt when there is none, or one outside of `least` to `most`, or not a number
    double real(double least, double most);
    /// @throws Error corrupt when there is none, or a longer one
    std::string text(std::size_t longest = longest_message);
    /// @throws Error corrupt when something is left
    void end() const;
    /// What was read makes no sense. @throws Error corrupt
    [[noreturn]] void refuse() const;

  private:
    std::string_view take(std::size_t size);

    std::string bytes_;
    std::size_t position_ = 0;
};

}  // namespace earmark::confine
