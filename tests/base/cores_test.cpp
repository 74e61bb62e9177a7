#include "base/cores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/control_groups.hpp"
#include "support/error_of.hpp"

namespace earmark::base {
namespace {

TEST(Cores, AreAtLeastOneAndWithinTheQuota) {
    EXPECT_GE(available_cores(), 1);
    EXPECT_LE(available_cores(), std::max(1.0, std::round(core_quota())));
}

TEST(Cores, BecomeThreads) {
    EXPECT_EQ(thread_count(3, 10), 3);
    EXPECT_EQ(thread_count(3, 2), 2);
    EXPECT_EQ(thread_count(3, 0), 1);
    EXPECT_EQ(thread_count(0, 1000000), available_cores());
    EXPECT_TRUE(testing::contains(testing::error_of([] { thread_count(-1, 5); }), "bad_option: `jobs` -1"));
}

}  // namespace
}  // namespace earmark::base
