#pragma once

#include <atomic>

namespace earmark::base {

/// Set from elsewhere (a signal handler, another thread) to end work early. Functions that take a pointer to one run to
/// their end with nullptr.
using StopFlag = std::atomic<bool>;

/// Whether the work is to end.
inline bool stop_requested(const StopFlag* stop) noexcept {
    return stop != nullptr && stop->load(std::memory_order_relaxed);
}

}  // namespace earmark::base
