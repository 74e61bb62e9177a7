#include "base/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace earmark::base {
namespace {

TEST(BoundedQueue, KeepsOrderAndGivesBuffersBack) {
    BoundedQueue<std::vector<int>> queue(3);
    std::thread producer([&] {
        std::vector<int> item;
        for (int i = 0; i < 1000; ++i) {
            item.assign(1, i);
            ASSERT_TRUE(queue.push(item));
        }
    });
    std::vector<int> item;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(queue.pop(item));
        ASSERT_EQ(item, std::vector<int>{i});
    }
    producer.join();
    std::vector<int> next{1};
    item.assign(100, 0);
    queue.push(next);
    queue.pop(item);
    for (int i = 0; i < 2; ++i) queue.push(next);
    queue.push(next);
    EXPECT_EQ(next.size(), 100U);  // what the consumer gave in exchange
}

TEST(BoundedQueue, HoldsNoMoreThanItsCapacity) {
    BoundedQueue<int> queue(2);
    std::atomic<int> pushed = 0;
    std::thread producer([&] {
        for (int i = 0; i < 5; ++i) {
            int item = i;
            if (!queue.push(item)) return;
            ++pushed;
        }
    });
    while (pushed < 2) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(pushed, 2);
    queue.close();
    producer.join();
    EXPECT_EQ(pushed, 2);
    int item = 0;
    EXPECT_FALSE(queue.pop(item));
}

}  // namespace
}  // namespace earmark::base
