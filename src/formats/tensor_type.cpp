#include "formats/tensor_type.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace earmark::formats {

namespace {

float half_to_float(std::uint16_t half) {
    const auto sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
    const std::uint32_t exponent = (half >> 10U) & 0x1FU;
    const std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 0) {  // zero or subnormal: fraction · 2^-24
        const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
    }
    // The exponents' biases are 15 and 127; the highest stands for infinity and for what is no number.
    const std::uint32_t wide = exponent == 0x1F ? 0xFFU : exponent + 112U;
    return std::bit_cast<float>(sign | wide << 23U | fraction << 13U);
}

}  // namespace

std::optional<TensorType> tensor_type(std::string_view name) {
    if (name == "F32") return TensorType::f32;
    if (name == "F16") return TensorType::f16;
    if (name == "I8") return TensorType::i8;
    return std::nullopt;
}

std::size_t bytes_of(TensorType type) {
    switch (type) {
        case TensorType::f32:
            return 4;
        case TensorType::f16:
            return 2;
        case TensorType::i8:
            return 1;
    }
    return 4;
}

std::vector<float> to_floats(TensorType type, std::span<const std::byte> bytes) {
    std::vector<float> values(bytes.size() / bytes_of(type));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::byte* place = bytes.data() + i * bytes_of(type);
        if (type == TensorType::f16) {
            std::uint16_t half = 0;
            std::memcpy(&half, place, sizeof half);
            values[i] = half_to_float(half);
        } else if (type == TensorType::i8) {
            values[i] = static_cast<float>(static_cast<std::int8_t>(*place));
        } else {
            std::memcpy(&values[i], place, sizeof values[i]);
        }
    }
    return values;
}

}  // namespace earmark::formats
