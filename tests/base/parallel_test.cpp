#include "base/parallel.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "earmark/error.hpp"

namespace earmark::base {
namespace {

TEST(ParallelFor, CallsEachIndexOnceOnAnyNumberOfThreads) {
    for (const int jobs : {0, 1, 3, 16}) {
        std::vector<std::atomic<int>> calls(1000);
        EXPECT_TRUE(parallel_for(1000, jobs, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; }));
        for (const auto& count : calls) ASSERT_EQ(count, 1) << jobs;
    }
    EXPECT_TRUE(parallel_for(0, 4, [](std::int64_t) { FAIL(); }));
}

TEST(ParallelFor, ThrowsTheFirstExceptionAgainAndStops) {
    std::atomic<int> calls = 0;
    EXPECT_THROW(parallel_for(1000000, 4,
                              [&](std::int64_t i) {
                                  ++calls;
                                  if (i == 10) throw std::runtime_error("ten");
                              }),
                 std::runtime_error);
    EXPECT_LT(calls, 1000000);
}

TEST(ParallelFor, EndsEarlyWhenStopped) {
    StopFlag stop = false;
    std::atomic<int> calls = 0;
    EXPECT_FALSE(parallel_for(
        1000000, 4,
        [&](std::int64_t) {
            if (++calls == 20) stop = true;
        },
        &stop));
    EXPECT_LT(calls, 1000);
}

TEST(ParallelOrdered, DeliversInOrderThoughTheWorkEndsInAnother) {
    for (const int jobs : {1, 2, 5}) {
        std::vector<std::int64_t> got;
        EXPECT_TRUE(parallel_ordered<std::int64_t>(
            60, jobs,
            [](std::int64_t i) {
                std::this_thread::sleep_for(std::chrono::microseconds((i * 7919) % 1500));
                return i * i;
            },
            [&](std::int64_t i, std::int64_t&& square) {
                EXPECT_EQ(square, i * i);
                got.push_back(i);
            }));
        std::vector<std::int64_t> expected(60);
        std::iota(expected.begin(), expected.end(), 0);
        EXPECT_EQ(got, expected);
    }
}

TEST(ParallelOrdered, ASlowItemHoldsTheOthersBackWithinTheLookAhead) {
    std::atomic<std::int64_t> furthest = 0;
    std::int64_t furthest_at_first = -1;
    parallel_ordered<int>(
        200, 4,
        [&](std::int64_t i) {
            std::int64_t seen = furthest;
            while (seen < i && !furthest.compare_exchange_weak(seen, i)) {
            }
            if (i == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
            return 0;
        },
        [&](std::int64_t i, int&&) {
            if (i == 0) furthest_at_first = furthest;
        },
        nullptr, 6);
    EXPECT_LE(furthest_at_first, 5);
    EXPECT_EQ(furthest, 199);
}

TEST(ParallelOrdered, ThrowsWhatTheWorkAndTheConsumerThrow) {
    const auto produce = [](std::int64_t i) {
        if (i == 5) throw std::runtime_error("five");
        return 1;
    };
    std::int64_t last = -1;
    EXPECT_THROW(parallel_ordered<int>(100, 3, produce, [&](std::int64_t i, int&&) { last = i; }), std::runtime_error);
    EXPECT_LT(last, 5);
    EXPECT_THROW(parallel_ordered<int>(
                     100, 3, [](std::int64_t) { return 1; },
                     [](std::int64_t i, int&&) {
                         if (i == 7) throw std::logic_error("full");
                     }),
                 std::logic_error);
}

TEST(ParallelOrdered, StoppedItHasDeliveredARunFromTheStart) {
    StopFlag stop = false;
    std::int64_t next = 0;
    EXPECT_FALSE(parallel_ordered<std::int64_t>(
        100000, 4, [](std::int64_t i) { return i; },
        [&](std::int64_t i, std::int64_t&&) {
            EXPECT_EQ(i, next++);
            if (i == 50) stop = true;
        },
        &stop));
    EXPECT_GE(next, 51);
    EXPECT_LT(next, 100);
}

TEST(ParallelOrdered, MovesResultsThatCannotBeCopied) {
    std::int64_t sum = 0;
    EXPECT_TRUE(parallel_ordered<std::unique_ptr<std::int64_t>>(
        10, 2, [](std::int64_t i) { return std::make_unique<std::int64_t>(i); },
        [&](std::int64_t, std::unique_ptr<std::int64_t>&& value) { sum += *value; }));
    EXPECT_EQ(sum, 45);
}

TEST(SpareThreads, AreThoseThatNoItemIsLeftFor) {
    SpareThreads spare;
    std::atomic<int> borrowed = 0;
    parallel_ordered<int>(
        2, 5,
        [&](std::int64_t) {
            SpareThreads::Loan loan(&spare);
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
            while (!loan.take() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
            ++borrowed;
            EXPECT_FALSE(loan.take());  // one is enough
            return 0;
        },
        [](std::int64_t, int) {}, nullptr, 0, &spare);
    EXPECT_EQ(borrowed, 2);
    // All five are idle now, and none is lent twice.
    int left = 0;
    while (spare.take()) ++left;
    EXPECT_EQ(left, 5);
}

TEST(SpareThreads, OneThreadHasNoneToSpareWhileThereAreItems) {
    SpareThreads spare;
    parallel_ordered<int>(
        3, 1,
        [&](std::int64_t) {
            EXPECT_FALSE(SpareThreads::Loan(&spare).take());
            EXPECT_FALSE(SpareThreads::Loan(nullptr).take());
            return 0;
        },
        [](std::int64_t, int) {}, nullptr, 0, &spare);
}

}  // namespace
}  // namespace earmark::base
