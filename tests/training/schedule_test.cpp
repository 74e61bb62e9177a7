#include "training/optimizer/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace earmark::training {
namespace {

TEST(ScheduleTest, IsConstantUnlessToldOtherwise) {
    for (const std::int64_t step : {0, 1, 57, 1000000}) EXPECT_EQ(Schedule{}.factor(step, 10, 6), 1.0);
}

TEST(ScheduleTest, FallsAlongACosine) {
    const Schedule schedule{ScheduleKind::cosine, 0.0};
    EXPECT_EQ(schedule.factor(0, 10, 6), 1.0);
    EXPECT_NEAR(schedule.factor(15, 10, 6), 0.5 + std::sqrt(0.125), 1e-12);
    EXPECT_NEAR(schedule.factor(30, 10, 6), 0.5, 1e-12);
    EXPECT_NEAR(schedule.factor(60, 10, 6), 0.0, 1e-12) << "after the last step";
    for (int step = 0; step < 60; ++step) {
        EXPECT_GT(schedule.factor(step, 10, 6), schedule.factor(step + 1, 10, 6));
        EXPECT_NEAR(schedule.factor(step, 10, 6) + schedule.factor(60 - step, 10, 6), 1.0, 1e-12);
    }
}

TEST(ScheduleTest, RisesEvenlyBefore) {
    for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::cosine}) {
        const Schedule schedule{kind, 1.5};
        for (int step = 0; step < 15; ++step) {
            EXPECT_NEAR(schedule.factor(step, 10, 6), (step + 1) / 15.0, 1e-12) << base::enum_name(kind);
        }
        EXPECT_EQ(schedule.factor(15, 10, 6), 1.0) << base::enum_name(kind);
    }
    EXPECT_NEAR((Schedule{ScheduleKind::cosine, 1.0}.factor(35, 10, 6)), 0.5, 1e-12)
        << "half way between warm-up and end";
    EXPECT_NEAR((Schedule{ScheduleKind::cosine, 1.0}.factor(60, 10, 6)), 0.0, 1e-12);
    EXPECT_EQ((Schedule{ScheduleKind::constant, 1.0}.factor(59, 10, 6)), 1.0);
    EXPECT_EQ((Schedule{ScheduleKind::cosine, 6.0}.factor(59, 10, 6)), 1.0) << "a warm-up to the end";
}

}  // namespace
}  // namespace earmark::training
