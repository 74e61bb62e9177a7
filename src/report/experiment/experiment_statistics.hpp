#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/metrics.hpp"
#include "experiment/results/results.hpp"

namespace earmark::report {

/// Mean over the seeds, and their sample standard deviation where there are two or more.
struct Spread {
    double mean = 0.0;
    std::optional<double> deviation;
    int count = 0;
};

/// The spread of finite values; none when there are none.
std::optional<Spread> spread_of(std::span<const double> values);

/// Figures of a setting on a part of the data, per segment or per track.
struct LevelSummary {
    Spread accuracy;
    std::optional<evaluation::Interval>
        interval;  ///< of the accuracy, 95 %; none when the runs do not name their tracks
    Spread loss;
    std::optional<Spread> macro_f1;
    std::optional<Spread> macro_auc;
    std::optional<Spread> calibration_error;
    std::optional<Spread> coverage;  ///< of tracks
    std::optional<Spread> selective_accuracy;
    std::optional<Spread> macro_pr_auc;  ///< this and the next: where a track may have several labels
    std::optional<Spread> micro_f1;
    std::optional<Spread> hamming_loss;
    std::optional<Spread> ranking_loss;
    std::vector<std::int64_t> confusion;  ///< sums over all runs; empty when a run has none
};

struct PartSummary {
    std::optional<LevelSummary> segments;
    std::optional<LevelSummary> tracks;
};

/// Which part of a record: &RunRecord::valid or &RunRecord::test.
using PartOf = std::optional<experiment::PartScore> experiment::RunRecord::*;

/// Summary of the runs of one setting under one protocol. The folds of a seed are pooled to one figure a seed, each
/// weighing as many items as it was measured on; means and deviations are taken over the seeds. The interval is
/// `bootstrap_accuracy`'s, over tracks with what all runs said of them, in the order of their names. Runs without the
/// part are left out; none when no run has it.
std::optional<PartSummary> summarise(std::span<const experiment::RunRecord* const> runs, PartOf part,
                                     const evaluation::BootstrapOptions& bootstrap = {});

}  // namespace earmark::report
