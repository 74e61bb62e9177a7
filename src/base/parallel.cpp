#include "base/parallel.hpp"

#include <sched.h>

#include <algorithm>

#include "base/throw.hpp"

namespace earmark::base {

int available_cores() noexcept {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int thread_count(int jobs, std::int64_t items) {
    if (jobs < 0) fail(ErrorCode::bad_option, "--jobs {}: give 0 for all cores, or a positive number.", jobs);
    const std::int64_t wanted = jobs == 0 ? available_cores() : jobs;
    return static_cast<int>(std::clamp<std::int64_t>(items, 1, wanted));
}

bool SpareThreads::take() noexcept {
    int threads = threads_;
    while (threads > 0) {
        if (threads_.compare_exchange_weak(threads, threads - 1)) return true;
    }
    return false;
}

bool parallel_for(std::int64_t count, int jobs, const std::function<void(std::int64_t)>& work, const StopFlag* stop) {
    const int threads = thread_count(jobs, count);
    std::atomic<std::int64_t> next = 0;
    std::atomic<bool> ended = false;
    std::atomic<std::int64_t> finished = 0;
    std::mutex mutex;
    std::exception_ptr error;

    const auto run = [&] {
        while (!ended && !(stop != nullptr && stop->load(std::memory_order_relaxed))) {
            const std::int64_t index = next.fetch_add(1);
            if (index >= count) return;
            try {
                work(index);
                ++finished;
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!error) error = std::current_exception();
                ended = true;
            }
        }
    };

    // The calling thread is one of them, so that a single job needs no thread at all.
    std::vector<std::thread> others;
    try {
        for (int i = 1; i < threads; ++i) others.emplace_back(run);
    } catch (...) {
        // Fewer threads than asked for still do the work.
    }
    run();
    for (std::thread& thread : others) thread.join();
    if (error) std::rethrow_exception(error);
    return finished >= count;
}

}  // namespace earmark::base
