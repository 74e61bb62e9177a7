#include "audio/wav_header.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

namespace earmark::audio {

namespace {

constexpr std::int64_t unknown_32_bits = 0xFFFFFFFF;
constexpr int most_chunks = 1000;

std::int64_t little_endian(const std::uint8_t* bytes, int count) {
    std::uint64_t value = 0;
    for (int i = count - 1; i >= 0; --i) value = value << 8 | bytes[i];
    return static_cast<std::int64_t>(value);
}

std::string_view name(const std::uint8_t* bytes) {
    return {reinterpret_cast<const char*>(bytes), 4};
}

bool says_nothing(std::int64_t bytes) {
    constexpr std::int64_t near = 1 << 20;
    return std::llabs(bytes - (std::int64_t{1} << 31)) < near || std::llabs(bytes - (std::int64_t{1} << 32)) < near;
}

}  // namespace

std::int64_t wav_data_bytes(Input& file) noexcept {
    std::array<std::uint8_t, 24> head{};
    if (file.read(0, std::span(head).first(12)) != 12 || name(&head[8]) != "WAVE") return 0;
    const bool large = name(head.data()) == "RF64" || name(head.data()) == "BW64";
    if (!large && name(head.data()) != "RIFF") return 0;
    std::int64_t large_bytes = 0;
    std::int64_t at = 12;
    for (int chunk = 0; chunk < most_chunks; ++chunk) {
        if (file.read(at, head) < 8) return 0;
        const std::int64_t size = little_endian(&head[4], 4);
        if (name(head.data()) == "ds64") large_bytes = little_endian(&head[16], 8);
        if (name(head.data()) == "data") {
            if (large && size == unknown_32_bits) return large_bytes > 0 ? large_bytes : 0;
            return at + 8 + size > file.size() && says_nothing(size) ? 0 : size;
        }
        at += 8 + size + (size & 1);
    }
    return 0;
}

}  // namespace earmark::audio
