#include "inference/plan/buffer_layout.hpp"

#include <algorithm>
#include <numeric>

namespace earmark::inference {

namespace {

constexpr std::size_t border = 64;  // as base::AlignedAllocator's

bool meet(const Buffer& a, const Buffer& b) {
    return a.first <= b.last && b.first <= a.last;
}

std::size_t rounded(std::size_t bytes) {
    return (bytes + border - 1) / border * border;
}

}  // namespace

BufferLayout lay_out(std::span<const Buffer> buffers) {
    BufferLayout layout{std::vector<std::size_t>(buffers.size()), 0};
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
    std::vector<std::size_t> placed;  // in the order of their offsets
    for (const std::size_t index : order) {
        const Buffer& buffer = buffers[index];
        std::size_t offset = 0;
        for (const std::size_t other : placed) {
            if (!meet(buffer, buffers[other])) continue;
            if (offset + buffer.bytes <= layout.offsets[other]) break;
            offset = std::max(offset, layout.offsets[other] + rounded(buffers[other].bytes));
        }
        layout.offsets[index] = offset;
        layout.bytes = std::max(layout.bytes, offset + rounded(buffer.bytes));
        placed.insert(std::ranges::upper_bound(placed, offset, {}, [&](std::size_t i) { return layout.offsets[i]; }),
                      index);
    }
    return layout;
}

}  // namespace earmark::inference
