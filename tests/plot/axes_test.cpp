#include "plot/charts/axes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace earmark::plot {

namespace {

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
    std::vector<std::string> result;
    for (const Tick& tick : ticks) result.push_back(tick.label);
    return result;
}

TEST(NiceTicks, AreRound) {
    EXPECT_EQ(labels(nice_ticks(0.0, 30.0, 7)), (std::vector<std::string>{"0", "5", "10", "15", "20", "25", "30"}));
    EXPECT_EQ(labels(nice_ticks(-1.0, 1.0, 5)), (std::vector<std::string>{"−1.0", "−0.5", "0.0", "0.5", "1.0"}));
    EXPECT_EQ(labels(nice_ticks(0.0, 20000.0, 3)), (std::vector<std::string>{"0", "10\u2009000", "20\u2009000"}));
    EXPECT_EQ(labels(nice_ticks(0.0123, 0.0177, 3)), (std::vector<std::string>{"0.014", "0.016"}));
}

TEST(NiceTicks, HoldForAnyRange) {
    for (const double low : {-1e9, -123.4, -1e-5, 0.0, 1e-5, 0.3, 77.0, 36000.0, 1e12}) {
        for (const double range : {1e-4, 0.01, 0.37, 1.0, 5.9, 80.0, 36000.0, 1e9}) {
            for (const int most : {1, 2, 5, 12}) {
                const std::vector<Tick> ticks = nice_ticks(low, low + range, most);
                EXPECT_LE(ticks.size(), static_cast<std::size_t>(most));
                std::set<std::string> different;
                for (const Tick& tick : ticks) {
                    EXPECT_GE(tick.value, low);
                    EXPECT_LE(tick.value, low + range);
                    different.insert(tick.label);
                }
                EXPECT_EQ(different.size(), ticks.size()) << low << " + " << range;
                if (range < 1e-6 * std::abs(low)) continue;
                if (most >= 5) {
                    EXPECT_GE(ticks.size(), 2U) << low << " + " << range;
                }
            }
        }
    }
}

TEST(NiceTicks, HaveASmallestStep) {
    EXPECT_EQ(labels(nice_ticks(1.0, 3.0, 12, 1.0)), (std::vector<std::string>{"1", "2", "3"}));
}

TEST(NiceTicks, AreNoneWhereThereIsNoRange) {
    EXPECT_TRUE(nice_ticks(1.0, 1.0, 5).empty());
    EXPECT_TRUE(nice_ticks(2.0, 1.0, 5).empty());
    EXPECT_TRUE(nice_ticks(0.0, INFINITY, 5).empty());
    EXPECT_TRUE(nice_ticks(NAN, 1.0, 5).empty());
    EXPECT_TRUE(nice_ticks(0.0, 1.0, 0).empty());
}

TEST(HorizontalTicks, DoNotTouch) {
    Figure figure("unused.png", 400, 200, "");
    for (const double length : {60.0, 150.0, 800.0}) {
        for (const double high : {0.001, 30.0, 36000.0, 1e6}) {
            const std::vector<Tick> ticks = horizontal_ticks(figure, 0.0, high, length);
            ASSERT_FALSE(ticks.empty());
            for (std::size_t i = 1; i < ticks.size(); ++i) {
                const double distance = (ticks[i].value - ticks[i - 1].value) / high * length;
                const double labels_reach = 0.5 * figure.text_width(ticks[i].label, tick_size) +
                                            0.5 * figure.text_width(ticks[i - 1].label, tick_size);
                EXPECT_GT(distance, labels_reach + 5.0) << high << " over " << length;
            }
        }
    }
}

TEST(Grouped, SeparatesThousands) {
    EXPECT_EQ(grouped(1234), "1234");
    EXPECT_EQ(grouped(12345), "12\u2009345");
    EXPECT_EQ(grouped(-1234567.891, 1), "−1\u2009234\u2009567.9");
    EXPECT_EQ(grouped(-0.001, 1), "0.0");
}

}  // namespace

}  // namespace earmark::plot
