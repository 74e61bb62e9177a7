#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace earmark::inference {

/// A piece of memory, and when a program needs it.
struct Buffer {
    std::size_t bytes = 0;
    int first = 0;  ///< the step that fills it
    int last = 0;   ///< the last step that reads it
};

/// Where buffers lie in one piece of memory.
struct BufferLayout {
    std::vector<std::size_t> offsets;
    std::size_t bytes = 0;  ///< of the whole
};

/// Places buffers so that none overlaps another that is needed at the same step. Largest first, each as far to the front
/// as it can be (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020). Offsets are
/// multiples of 64 bytes.
BufferLayout lay_out(std::span<const Buffer> buffers);

}  // namespace earmark::inference
