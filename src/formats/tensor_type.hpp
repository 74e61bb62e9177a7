#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace earmark::formats {

/// The types of a safetensors file's values that are read.
enum class TensorType {
    f32,  ///< IEEE 754, 32 bits
    f16,  ///< IEEE 754, 16 bits
    i8,   ///< signed integers
};

/// The type that safetensors calls by that name; none: it is not read.
std::optional<TensorType> tensor_type(std::string_view name);

/// Bytes of one value.
std::size_t bytes_of(TensorType type);

/// Little-endian values of that type as floats, all exact. Bytes behind the last whole value are left out.
std::vector<float> to_floats(TensorType type, std::span<const std::byte> bytes);

}  // namespace earmark::formats
