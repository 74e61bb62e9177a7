#include "base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace earmark::base {
namespace {

TEST(Random, IsTheSameOnEveryMachine) {
    Random random(42);
    EXPECT_EQ(random.next(), 1546998764402558742U);  // xoshiro256** seeded by splitmix64(42), as its authors' C code
    std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    Random(7, "blues").shuffle(std::span(items));
    std::vector<int> sorted = items;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    std::map<std::uint64_t, int> seen;
    for (int i = 0; i < 30000; ++i) ++seen[random.below(3)];
    for (const auto& [value, count] : seen) {
        EXPECT_LT(value, 3);
        EXPECT_NEAR(count, 10000, 400);
    }
}

}  // namespace
}  // namespace earmark::base
