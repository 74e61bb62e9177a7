#include "evaluation/reliability.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace earmark::evaluation {
namespace {

using testing::contains;
using testing::error_of;

TEST(Reliability, ByHand) {
    // The end of a bin belongs to it; the ends of the range belong to the outermost bins.
    const std::vector<ScoredItem> items{{0.0, false}, {0.2, true},  {0.4, true}, {0.5, false},
                                        {0.7, true},  {0.75, true}, {1.0, true}, {0.9, false}};
    const std::vector<ConfidenceBin> bins = equal_width_bins(items, 4);
    ASSERT_EQ(bins.size(), 4U);
    EXPECT_EQ(bins[0].items, 2);
    EXPECT_DOUBLE_EQ(bins[0].confidence, 0.1);
    EXPECT_DOUBLE_EQ(bins[0].accuracy, 0.5);
    EXPECT_EQ(bins[1].items, 2);
    EXPECT_DOUBLE_EQ(bins[1].confidence, 0.45);
    EXPECT_DOUBLE_EQ(bins[1].accuracy, 0.5);
    EXPECT_EQ(bins[2].items, 2);
    EXPECT_DOUBLE_EQ(bins[2].confidence, 0.725);
    EXPECT_DOUBLE_EQ(bins[2].accuracy, 1.0);
    EXPECT_EQ(bins[3].items, 2);
    EXPECT_NEAR(calibration_error(bins), (0.4 + 0.05 + 0.275 + 0.45) / 4.0, 1e-12);
}

TEST(Reliability, IsPerfectWhenAsManyAreRightAsExpected) {
    std::vector<ScoredItem> items;
    for (int i = 0; i < 100; ++i) items.push_back({0.73, i < 73});
    EXPECT_NEAR(calibration_error(equal_width_bins(items, 10)), 0.0, 1e-12);
    EXPECT_NEAR(calibration_error(equal_mass_bins(items, 10)), 0.0, 1e-12);
    for (ScoredItem& item : items) item.confidence = 0.93;
    EXPECT_NEAR(calibration_error(equal_width_bins(items, 10)), 0.2, 1e-12);
}

TEST(Reliability, EmptyBinsWeighNothing) {
    const std::vector<ConfidenceBin> bins = equal_width_bins(std::vector<ScoredItem>{{0.95, true}}, 10);
    for (int i = 0; i < 9; ++i) EXPECT_EQ(bins[static_cast<std::size_t>(i)].items, 0) << i;
    EXPECT_NEAR(calibration_error(bins), 0.05, 1e-12);
    EXPECT_EQ(calibration_error(equal_width_bins({}, 10)), 0.0);
}

TEST(Reliability, BinsOfEqualMassKeepTiesTogether) {
    std::vector<ScoredItem> items;
    for (int i = 0; i < 6; ++i) items.push_back({0.5, i % 2 == 0});
    for (int i = 0; i < 6; ++i) items.push_back({0.6 + 0.05 * i, true});
    std::int64_t all = 0;
    const std::vector<ConfidenceBin> bins = equal_mass_bins(items, 4);
    for (const ConfidenceBin& bin : bins) all += bin.items;
    EXPECT_EQ(all, 12);
    EXPECT_EQ(bins[0].items, 6);
    EXPECT_EQ(bins[1].items, 0);
    EXPECT_EQ(bins[2].items, 3);
    EXPECT_EQ(bins[3].items, 3);
    EXPECT_EQ(equal_mass_bins(items, 3)[1].items, 2);
}

TEST(Reliability, NeedsABin) {
    EXPECT_TRUE(testing::contains(testing::error_of([] { equal_width_bins({}, 0); }), "bad_option"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { equal_mass_bins({}, -1); }), "bad_option"));
}

}  // namespace
}  // namespace earmark::evaluation
