#include "report/experiment/experiment_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fake_experiment.hpp"

namespace earmark::report {

namespace {

/// A run whose test part has only segments.
experiment::RunRecord run_of(std::uint64_t seed, std::int64_t items, double accuracy, double loss) {
    experiment::RunRecord record;
    record.run.seed = seed;
    record.test = experiment::PartScore{.segments = {.items = items, .accuracy = accuracy, .loss = loss}};
    return record;
}

std::optional<PartSummary> summary_of(const std::vector<experiment::RunRecord>& records) {
    std::vector<const experiment::RunRecord*> runs;
    for (const experiment::RunRecord& record : records) runs.push_back(&record);
    return summarise(runs, &experiment::RunRecord::test);
}

TEST(SpreadOf, IsMeanAndSampleDeviation) {
    const std::vector<double> values{2.0, 4.0, 9.0};
    const auto spread = spread_of(values);
    ASSERT_TRUE(spread);
    EXPECT_DOUBLE_EQ(spread->mean, 5.0);
    EXPECT_DOUBLE_EQ(*spread->deviation, std::sqrt((9.0 + 1.0 + 16.0) / 2.0));
    EXPECT_EQ(spread->count, 3);
}

TEST(SpreadOf, HasNoDeviationForOneAndNothingForNone) {
    EXPECT_FALSE(spread_of(std::vector<double>{0.5})->deviation);
    EXPECT_FALSE(spread_of(std::vector<double>{}));
    EXPECT_FALSE(spread_of(std::vector<double>{std::nan("")}));
    const std::vector<double> odd{1.0, std::numeric_limits<double>::infinity(), 3.0};
    EXPECT_DOUBLE_EQ(spread_of(odd)->mean, 2.0);
}

TEST(Summary, PoolsTheFoldsOfASeedBeforeItCountsSeeds) {
    // Seed 1: (10 · 0.5 + 30 · 0.9) / 40 = 0.8; seed 2: 0.6.
    const auto summary = summary_of(
        {run_of(1, 10, 0.5, 2.0), run_of(1, 30, 0.9, 1.0), run_of(2, 20, 0.6, 1.0), run_of(2, 20, 0.6, 2.0)});
    ASSERT_TRUE(summary && summary->segments);
    EXPECT_EQ(summary->segments->accuracy.count, 2);
    EXPECT_DOUBLE_EQ(summary->segments->accuracy.mean, 0.7);
    EXPECT_NEAR(*summary->segments->accuracy.deviation, std::sqrt(0.02), 1e-12);
    EXPECT_DOUBLE_EQ(summary->segments->loss.mean, 0.5 * (1.25 + 1.5));
    EXPECT_FALSE(summary->segments->interval) << "no run names its tracks";
    EXPECT_FALSE(summary->segments->macro_f1);
    EXPECT_FALSE(summary->tracks) << "there are no items of tracks";
}

TEST(Summary, LeavesOutRunsWithoutThePart) {
    std::vector<experiment::RunRecord> records{run_of(1, 10, 0.5, 1.0), experiment::RunRecord{}};
    records[1].run.seed = 2;
    EXPECT_EQ(summary_of(records)->segments->accuracy.count, 1);
    EXPECT_FALSE(summary_of({experiment::RunRecord{}}));
}

TEST(Summary, AddsUpTheConfusionOfAllRuns) {
    std::vector<experiment::RunRecord> records{run_of(1, 4, 0.5, 1.0), run_of(2, 4, 0.5, 1.0)};
    records[0].test->segments.confusion = {2, 1, 1, 0};
    records[1].test->segments.confusion = {1, 0, 1, 2};
    EXPECT_EQ(summary_of(records)->segments->confusion, (std::vector<std::int64_t>{3, 1, 2, 2}));
    records[1].test->segments.confusion.clear();
    EXPECT_TRUE(summary_of(records)->segments->confusion.empty());
}

TEST(Summary, TakesTheIntervalOverTracksWithWhatAllRunsSaidOfThem) {
    // A track always right, one always wrong, over two seeds: a draw of two gives 0, 1/2 or 1 with 1/4, 1/2 and 1/4.
    std::vector<experiment::RunRecord> records{run_of(1, 2, 0.5, 1.0), run_of(2, 2, 0.5, 1.0)};
    for (experiment::RunRecord& record : records) {
        record.test->tracks = {.items = 2, .accuracy = 0.5, .loss = 1.0};
        record.test->outcomes = {{"a", true, 1, 1}, {"b", false, 1, 0}};
    }
    auto summary = summary_of(records);
    EXPECT_EQ(summary->segments->interval->low, 0.0);
    EXPECT_EQ(summary->segments->interval->high, 1.0);
    // Each right with one seed and wrong with the other: every draw is one half.
    records[1].test->outcomes = {{"b", true, 1, 1}, {"a", false, 1, 0}};
    records[0].test->outcomes = {{"a", true, 1, 1}, {"b", false, 1, 0}};
    summary = summary_of(records);
    EXPECT_EQ(summary->segments->interval->low, 0.5);
    EXPECT_EQ(summary->tracks->interval->high, 0.5);
}

TEST(BootstrapAccuracy, WeighsTracksByTheirSegmentsAndPredictions) {
    const std::vector<evaluation::TrackTally> same{{10, 5, 4, 1}, {2, 1, 8, 2}};
    const evaluation::AccuracyIntervals intervals = evaluation::bootstrap_accuracy(same);
    EXPECT_EQ(intervals.segments.low, 0.5);
    EXPECT_EQ(intervals.segments.high, 0.5);
    EXPECT_EQ(intervals.tracks.low, 0.25);
    EXPECT_EQ(intervals.tracks.high, 0.25);
}

}  // namespace

}  // namespace earmark::report
