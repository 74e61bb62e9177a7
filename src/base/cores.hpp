#pragma once

#include <cstdint>

namespace earmark::base {

/// Cores that this process may keep busy: its CPU affinity, and the quota of its control group (a container's, say),
/// whichever is less. At least 1. Read from the system once.
int available_cores() noexcept;

/// Threads for `jobs`, where 0 means one a core; never more than there are `items`.
/// @throws Error bad_option when `jobs` is negative
int thread_count(int jobs, std::int64_t items);

}  // namespace earmark::base
