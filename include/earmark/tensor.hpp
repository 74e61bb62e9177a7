#pragma once

/// @file
/// Tensors, as model files hold them.

#include <cstdint>
#include <vector>

namespace earmark {

/// A tensor of 32-bit floats, row by row, the last dimension varying fastest.
struct Tensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

}  // namespace earmark
