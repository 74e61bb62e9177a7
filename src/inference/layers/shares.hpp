#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned.hpp"

namespace earmark::inference {

/// The examples of a batch that one thread works on. Layers that are our own derive what a thread needs for them.
struct BatchShare {
    std::int64_t first = 0;
    std::int64_t count = 0;
};

/// One share a thread, as equal as they can be, and none without examples.
template <typename Share>
std::vector<Share> shares_of(std::int64_t batch, int threads) {
    const std::int64_t count = std::clamp<std::int64_t>(threads, 1, batch);
    std::vector<Share> shares(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        shares[i].first = batch * i / count;
        shares[i].count = batch * (i + 1) / count - shares[i].first;
    }
    return shares;
}

/// Calls `work`, which may not throw, with each share, in a thread of its own.
template <typename Share, typename Work>
void for_each_share(std::vector<Share>& shares, const Work& work) {
    const auto count = static_cast<int>(shares.size());
#pragma omp parallel for num_threads(count) if (count > 1) schedule(static, 1)
    for (int i = 0; i < count; ++i) work(shares[i]);
}

/// What the shares' sums come to, which takes the place of those of the first.
template <typename Share>
const float* total_of(std::vector<Share>& shares, base::AlignedVector<float> Share::*sums) {
    base::AlignedVector<float>& total = shares.front().*sums;
    for (std::size_t i = 1; i < shares.size(); ++i) {
        const base::AlignedVector<float>& more = shares[i].*sums;
        for (std::size_t k = 0; k < total.size(); ++k) total[k] += more[k];
    }
    return total.data();
}

}  // namespace earmark::inference
