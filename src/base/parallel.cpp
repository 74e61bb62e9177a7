#include "base/parallel.hpp"

namespace earmark::base {

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
        while (!ended && !stop_requested(stop)) {
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
