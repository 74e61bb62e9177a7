#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace earmark::formats {

/// Bytes as base64 (RFC 4648), padded.
std::string to_base64(std::span<const std::uint8_t> bytes);

/// The bytes; none when the text is no padded base64.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace earmark::formats
