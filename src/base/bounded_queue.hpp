#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace earmark::base {

/// Hands items from one thread to another in order, a limited number at a time. Items change places rather than being
/// copied, so that buffers in them are used again: what `push` gets back is an item that `pop` was given.
template <typename Item>
class BoundedQueue {
  public:
    /// @param capacity  items that may wait, at least 1
    explicit BoundedQueue(std::size_t capacity) : items_(capacity) {}

    /// Waits for room. @return false when the queue was closed, and the item was not taken
    bool push(Item& item) {
        {
            std::unique_lock lock(mutex_);
            room_.wait(lock, [this] { return closed_ || waiting_ < items_.size(); });
            if (closed_) return false;
            std::swap(items_[(first_ + waiting_) % items_.size()], item);
            ++waiting_;
        }
        ready_.notify_one();
        return true;
    }

    /// Waits for an item. @return false when the queue was closed
    bool pop(Item& item) {
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return closed_ || waiting_ > 0; });
            if (closed_) return false;
            std::swap(items_[first_], item);
            first_ = (first_ + 1) % items_.size();
            --waiting_;
        }
        room_.notify_one();
        return true;
    }

    /// From now on nobody waits, and nothing is taken or handed out.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        room_.notify_all();
        ready_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable ready_;
    std::vector<Item> items_;
    std::size_t first_ = 0;
    std::size_t waiting_ = 0;
    bool closed_ = false;
};

}  // namespace earmark::base
