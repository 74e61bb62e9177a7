#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace earmark::files {

/// XXH3-128 (https://github.com/Cyan4973/xxHash) of bytes that come in pieces: tells contents apart, and is no
/// protection against somebody who makes two of the same hash on purpose.
class ContentHash {
  public:
    using Digest = std::array<std::uint8_t, 16>;  ///< in xxHash's canonical order

    ContentHash();
    ~ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;

    void add(std::span<const std::uint8_t> bytes) noexcept;
    void add(std::string_view text) noexcept;

    /// Of all that was added so far.
    Digest digest() const noexcept;

  private:
    struct Delete {
        void operator()(XXH3_state_s* state) const noexcept;
    };

    std::unique_ptr<XXH3_state_s, Delete> state_;
};

/// 32 hexadecimal digits.
std::string to_string(const ContentHash::Digest& digest);

/// Of the bytes of a file. @throws Error not_found, unreadable
ContentHash::Digest hash_of_file(const std::filesystem::path& path);

}  // namespace earmark::files
