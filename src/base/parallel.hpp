#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/cores.hpp"
#include "base/stop.hpp"

namespace earmark::base {

/// Threads of a pool that have run out of items, for those still at work that can use one more. Thread-safe.
class SpareThreads {
  public:
    void add(int threads = 1) noexcept { threads_ += threads; }

    /// @return whether there was one, which is then the caller's until it calls `add`
    bool take() noexcept;

    /// One thread, if there is one to spare, given back at the end of a scope.
    class Loan {
      public:
        /// @param lender  nullptr: never has one
        explicit Loan(SpareThreads* lender) : lender_(lender) {}
        ~Loan() {
            if (taken_) lender_->add();
        }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;

        /// @return true the one time that a thread was got; ask now and then
        bool take() noexcept {
            if (lender_ == nullptr || taken_ || !lender_->take()) return false;
            taken_ = true;
            return true;
        }

      private:
        SpareThreads* lender_;
        bool taken_ = false;
    };

  private:
    std::atomic<int> threads_ = 0;
};

/// Calls `work(index)` once for each of 0 … count-1 on `jobs` threads (0: all cores), each taking the next index when
/// it is free. The first exception ends the work and is thrown again here once all threads have stopped.
/// @return false when `stop` ended the work early; calls under way are finished then
bool parallel_for(std::int64_t count, int jobs, const std::function<void(std::int64_t)>& work,
                  const StopFlag* stop = nullptr);

/// As parallel_for, for work with results that are wanted in order: `produce(index)` runs on the threads and
/// `consume(index, result)` on the calling thread, in the order of the indices. No thread starts on an index further
/// than `look_ahead` (0: twice the threads) beyond the one that `consume` waits for, so that a slow first item does not
/// let results pile up. Threads for which there is no item are added to `spare`.
/// @return false when `stop` ended the work early; what was consumed is then a run of indices from 0
template <typename Result, typename Produce, typename Consume>
bool parallel_ordered(std::int64_t count, int jobs, Produce&& produce, Consume&& consume,
                      const StopFlag* stop = nullptr, std::int64_t look_ahead = 0, SpareThreads* spare = nullptr);

namespace detail {

/// What the threads of parallel_ordered share, apart from the results.
struct OrderedState {
    std::mutex mutex;
    std::condition_variable room;   ///< for the threads: an index came within the look-ahead
    std::condition_variable ready;  ///< for the consumer: a result is there
    std::int64_t next = 0;
    std::int64_t consumed = 0;
    bool ended = false;  ///< no further index is to be started
    std::exception_ptr error;
};

}  // namespace detail

template <typename Result, typename Produce, typename Consume>
bool parallel_ordered(std::int64_t count, int jobs, Produce&& produce, Consume&& consume, const StopFlag* stop,
                      std::int64_t look_ahead, SpareThreads* spare) {
    const int threads = thread_count(jobs, count);
    if (spare != nullptr) spare->add(thread_count(jobs, std::numeric_limits<std::int64_t>::max()) - threads);
    if (look_ahead <= 0) look_ahead = 2 * threads;
    detail::OrderedState state;
    std::map<std::int64_t, Result> results;

    const auto run = [&] {
        std::unique_lock lock(state.mutex);
        for (;;) {
            state.room.wait(
                lock, [&] { return state.ended || state.next >= count || state.next < state.consumed + look_ahead; });
            if (state.ended || state.next >= count) {
                if (spare != nullptr) spare->add();
                return;
            }
            if (stop_requested(stop)) {
                state.ended = true;
                break;
            }
            const std::int64_t index = state.next++;
            lock.unlock();
            try {
                Result result = produce(index);
                lock.lock();
                results.emplace(index, std::move(result));
            } catch (...) {
                if (!lock.owns_lock()) lock.lock();
                if (!state.error) state.error = std::current_exception();
                state.ended = true;
                break;
            }
            state.ready.notify_one();
        }
        state.room.notify_all();
        state.ready.notify_one();
    };

    struct Threads {  // also ends and joins them when `consume` throws or a thread cannot be started
        detail::OrderedState& state;
        std::vector<std::thread> threads;
        ~Threads() {
            {
                const std::lock_guard lock(state.mutex);
                state.ended = true;
            }
            state.room.notify_all();
            for (std::thread& thread : threads) thread.join();
        }
    };
    {
        Threads pool{state, {}};
        for (int i = 0; i < threads; ++i) pool.threads.emplace_back(run);
        std::unique_lock lock(state.mutex);
        while (state.consumed < count) {
            // Of the indices that were started every one brings a result, unless one of them failed.
            const auto arrived = [&] { return results.count(state.consumed) > 0; };
            state.ready.wait(lock,
                             [&] { return state.error || arrived() || (state.ended && state.consumed >= state.next); });
            if (state.error || !arrived()) break;
            auto node = results.extract(state.consumed);
            lock.unlock();
            consume(node.key(), std::move(node.mapped()));
            lock.lock();
            ++state.consumed;
            state.room.notify_all();
        }
    }
    if (state.error) std::rethrow_exception(state.error);
    return state.consumed >= count;
}

}  // namespace earmark::base
