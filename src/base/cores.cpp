#include "base/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <thread>

#include "base/control_groups.hpp"
#include "base/throw.hpp"

namespace earmark::base {

namespace {

int count_cores() noexcept {
    int cores = static_cast<int>(std::thread::hardware_concurrency());
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0) cores = CPU_COUNT(&set);
    try {
        const double quota = core_quota();
        if (quota < cores) cores = static_cast<int>(std::lround(quota));
    } catch (const std::exception&) {
        // What cannot be read limits nothing.
    }
#endif
    return std::max(1, cores);
}

}  // namespace

int available_cores() noexcept {
    static const int cores = count_cores();
    return cores;
}

int thread_count(int jobs, std::int64_t items) {
    if (jobs < 0) fail(ErrorCode::bad_option, "`jobs` {}: give 0 for all cores, or a positive number.", jobs);
    const std::int64_t wanted = jobs == 0 ? available_cores() : jobs;
    return static_cast<int>(std::clamp<std::int64_t>(items, 1, wanted));
}

}  // namespace earmark::base
