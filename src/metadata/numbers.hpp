#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace earmark::metadata {

/// The unsigned number of up to eight bytes at `offset`, most significant byte first; bytes behind the end count as 0.
inline std::uint64_t big_endian(std::string_view bytes, std::size_t offset, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = offset + i;
        value = value << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U);
    }
    return value;
}

/// The same, least significant byte first.
inline std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) {
        const std::size_t at = offset + i;
        value = value << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U);
    }
    return value;
}

/// Four bytes of seven bits, as ID3v2 has its sizes.
inline std::uint64_t synchsafe(std::string_view bytes, std::size_t offset) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 7 | (big_endian(bytes, offset + i, 1) & 0x7F);
    return value;
}

inline std::string to_big_endian(std::uint64_t value, std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t i = count; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
    return bytes;
}

inline std::string to_little_endian(std::uint64_t value, std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t i = 0; i < count; ++i, value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
    return bytes;
}

inline std::string to_synchsafe(std::uint64_t value) {
    std::string bytes(4, '\0');
    for (std::size_t i = 4; i-- > 0; value >>= 7) bytes[i] = static_cast<char>(value & 0x7F);
    return bytes;
}

}  // namespace earmark::metadata
