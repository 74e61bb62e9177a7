#include "base/parallel_batches.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

#include "earmark/error.hpp"

namespace earmark::base {
namespace {

TEST(ParallelBatches, DeliversEachResultOnce) {
    for (const int jobs : {0, 1, 3, 16}) {
        std::set<std::int64_t> seen;
        const bool whole = parallel_batches<std::int64_t>(
            500, jobs, [](std::int64_t i) { return i; },
            [&](const std::vector<std::int64_t>& batch) {
                EXPECT_FALSE(batch.empty());
                for (const std::int64_t i : batch) EXPECT_TRUE(seen.insert(i).second);
            });
        EXPECT_TRUE(whole);
        EXPECT_EQ(seen.size(), 500U) << jobs;
    }
    EXPECT_TRUE(parallel_batches<int>(
        0, 4, [](std::int64_t) { return 1; }, [](const std::vector<int>&) { FAIL(); }));
}

TEST(ParallelBatches, DoesNotHoldUpResultsBehindASlowOne) {
    std::atomic<bool> release = false;
    std::int64_t seen = 0;
    parallel_batches<std::int64_t>(
        50, 2,
        [&](std::int64_t i) {
            if (i == 0) release.wait(false);
            return i;
        },
        [&](const std::vector<std::int64_t>& batch) {
            seen += std::ssize(batch);
            if (seen == 49) {  // all but the first
                release = true;
                release.notify_all();
            }
        });
    EXPECT_EQ(seen, 50);
}

TEST(ParallelBatches, EndsEarlyWhenStoppedAndDeliversWhatWasBegun) {
    StopFlag stop = false;
    std::atomic<std::int64_t> begun = 0;
    std::int64_t seen = 0;
    const bool whole = parallel_batches<std::int64_t>(
        100000, 4,
        [&](std::int64_t i) {
            if (++begun == 20) stop = true;
            return i;
        },
        [&](const std::vector<std::int64_t>& batch) { seen += std::ssize(batch); }, &stop);
    EXPECT_FALSE(whole);
    EXPECT_EQ(seen, begun);
    EXPECT_LT(seen, 100000);
}

TEST(ParallelBatches, ThrowsWhatEitherSideThrows) {
    const auto nothing = [](const std::vector<int>&) {};
    const auto bad = [](std::int64_t i) {
        if (i == 10) throw std::runtime_error("ten");
        return 1;
    };
    EXPECT_THROW(parallel_batches<int>(100000, 4, bad, nothing), std::runtime_error);
    EXPECT_THROW(parallel_batches<int>(
                     100000, 4, [](std::int64_t) { return 1; },
                     [](const std::vector<int>&) { throw std::runtime_error("full"); }),
                 std::runtime_error);
    EXPECT_THROW(parallel_batches<int>(1, -1, bad, nothing), Error);
}

}  // namespace
}  // namespace earmark::base
