#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/parallel.hpp"

namespace earmark::base {

/// As parallel_ordered, for results that are wanted as soon as they are there, whatever their order: `consume(results)`
/// runs on the calling thread and is given a vector of those that came since its last call, at least one. A thread
/// starts on nothing new while twice as many results as there are threads wait.
/// @return false when `stop` ended the work early; what was begun is finished and consumed then
template <typename Result, typename Produce, typename Consume>
bool parallel_batches(std::int64_t count, int jobs, Produce&& produce, Consume&& consume,
                      const StopFlag* stop = nullptr) {
    struct Shared {
        std::mutex mutex;
        std::condition_variable room;   // for the threads: results were taken
        std::condition_variable ready;  // for the consumer: a result is there, or a thread has ended
        std::vector<Result> results;
        std::int64_t next = 0;
        int at_work = 0;
        bool ended = false;  // nothing further is to be started
        std::exception_ptr error;
    } shared;
    const int threads = thread_count(jobs, count);
    const auto limit = static_cast<std::size_t>(2 * threads);
    bool stopped = false;

    const auto run = [&] {
        std::unique_lock lock(shared.mutex);
        for (;;) {
            shared.room.wait(lock, [&] { return shared.ended || shared.results.size() < limit; });
            if (shared.ended || shared.next >= count) break;
            if (stop_requested(stop)) {
                stopped = true;
                break;
            }
            const std::int64_t index = shared.next++;
            lock.unlock();
            try {
                Result result = produce(index);
                lock.lock();
                shared.results.push_back(std::move(result));
            } catch (...) {
                if (!lock.owns_lock()) lock.lock();
                if (!shared.error) shared.error = std::current_exception();
                shared.ended = true;
            }
            shared.ready.notify_one();
        }
        --shared.at_work;
        shared.room.notify_all();
        shared.ready.notify_one();
    };

    struct Threads {  // also ends and joins them when `consume` throws or a thread cannot be started
        Shared& shared;
        std::vector<std::thread> threads;
        ~Threads() {
            {
                const std::lock_guard lock(shared.mutex);
                shared.ended = true;
            }
            shared.room.notify_all();
            for (std::thread& thread : threads) thread.join();
        }
    };
    {
        Threads pool{shared, {}};
        for (int i = 0; i < threads; ++i) {
            {
                const std::lock_guard lock(shared.mutex);
                ++shared.at_work;
            }
            pool.threads.emplace_back(run);
        }
        std::unique_lock lock(shared.mutex);
        for (;;) {
            shared.ready.wait(lock, [&] { return !shared.results.empty() || shared.at_work == 0; });
            if (shared.results.empty()) break;
            std::vector<Result> batch = std::exchange(shared.results, {});
            shared.room.notify_all();
            lock.unlock();
            consume(std::move(batch));
            lock.lock();
        }
    }
    if (shared.error) std::rethrow_exception(shared.error);
    return !stopped;
}

}  // namespace earmark::base
