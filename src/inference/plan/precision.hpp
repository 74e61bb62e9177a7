#pragma once

#include <array>

#include "base/enum_names.hpp"

namespace earmark::inference {

/// In what numbers a plan computes. Weights, gradients and all that is kept are of single precision in either.
enum class Precision {
    single,  ///< 32-bit floats
    /// In training, convolutions of 16 channels and more multiply bfloat16 numbers (8 bits of mantissa) and add up in
    /// single precision: many times faster where a processor has units for it (AMX, AVX-512 BF16), slow elsewhere.
    mixed,
};

/// The names of the precisions in options and files.
constexpr auto enum_table(Precision) {
    return std::array{base::EnumName{Precision::single, "single"}, base::EnumName{Precision::mixed, "mixed"}};
}

}  // namespace earmark::inference
